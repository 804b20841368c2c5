// `npm run planted`: plants each fault of `faults.ts` in a copy of the working tree and runs the tests that should notice.
// Prints a line for each and a count; ends with 1 when a fault survives, when one can no longer be planted, or when the
// tests fail without any. With words behind it, only the faults whose names contain one of them.
//
// The checkout is never changed: two copies lie in the system's folder for passing files and are removed at the end.

import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS, type Fault } from './faults.ts';

/** Faults are tried on this many copies at once. */
const LANES = 2;
/** A run that takes longer has been made to hang by its fault, ms. */
const HANGS_AFTER_MS = 120_000;
/** Folders with packages of their own. */
const PACKAGES = ['packages/model', 'packages/sync', 'server', 'web', 'test'];

type Outcome = { kind: 'caught' | 'survived' | 'hung'; said: string } | { kind: 'stale'; said: string };

const root = fileURLToPath(new URL('../..', import.meta.url));
const words = process.argv.slice(2);
const chosen = FAULTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'lianban-planted-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const copies = Array.from({ length: LANES }, (_, lane) => copyTree(join(folder, String(lane))));
const tests = [...new Set(chosen.flatMap((fault) => fault.tests))].sort();
const sound = await runTests(copies[0] ?? '', tests, HANGS_AFTER_MS * 3);
if (sound.code !== 0) {
  console.error(sound.said);
  console.error('The tests fail without any fault planted.');
  process.exit(1);
}

const waiting = [...chosen];
const left: { fault: Fault; outcome: Outcome }[] = [];
await Promise.all(
  copies.map(async (copy) => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      const outcome = await plant(copy, fault);
      const isCaught = outcome.kind === 'caught' || outcome.kind === 'hung';
      console.log(`${outcome.kind.padEnd(9)}${fault.name}`);
      if (!isCaught) left.push({ fault, outcome });
    }
  }),
);

for (const { fault, outcome } of left) console.log(`\n${outcome.kind}: ${fault.name}\n${outcome.said}`);
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`\n${chosen.length} planted, ${chosen.length - left.length} caught, ${seconds} s`);
process.exitCode = left.length > 0 || chosen.length === 0 ? 1 : 0;

/** Plants one fault, runs its tests and takes it out again. */
async function plant(copy: string, { file, changes, tests: which }: Fault): Promise<Outcome> {
  const path = join(copy, file);
  const before = readFileSync(path, 'utf8');
  let after = before;
  for (const [find, replace] of changes) {
    const parts = after.split(find);
    if (parts.length !== 2) {
      return { kind: 'stale', said: `${file} has these words ${parts.length - 1} times, not once:\n${find}` };
    }
    after = parts.join(replace);
  }
  writeFileSync(path, after);
  const { code, said } = await runTests(copy, which, HANGS_AFTER_MS);
  writeFileSync(path, before);
  if (code === null) return { kind: 'hung', said };
  return code === 0 ? { kind: 'survived', said: `in ${file}, with ${which.join(', ')}` } : { kind: 'caught', said };
}

/** Runs the unit tests whose path contains one of `which`. The code is null when they were cut short. */
function runTests(
  copy: string,
  which: readonly string[],
  limitMs: number,
): Promise<{ code: number | null; said: string }> {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const flags = ['--project', 'unit', '--project', 'svelte', '--bail', '1', '--maxWorkers', '1', '--reporter', 'dot'];
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [vitest, 'run', ...flags, '--passWithNoTests=false', ...which], {
    cwd: copy,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitMs);
  const end = (): void => void child.kill('SIGKILL');
  process.on('exit', end);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      resolve({ code: isLate ? null : (code ?? 1), said: Buffer.concat(said).toString() });
    });
  });
}

/** A copy of the working tree whose packages find each other in the copy and everything else where it is installed. */
function copyTree(to: string): string {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const path of list.toString().split('\0')) {
    if (path === '' || !existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(root, path), join(to, path));
  }
  mkdirSync(join(to, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (!/^[.](vite|lianban|cache)/.test(name))
      symlinkSync(join(root, 'node_modules', name), join(to, 'node_modules', name));
  }
  // pnpm's links are relative: copied as they are, those to our own packages lead to the copies
  const links = {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path: string) => !/[\\/][.](vite|lianban)/.test(path),
  };
  for (const name of PACKAGES) cpSync(join(root, name, 'node_modules'), join(to, name, 'node_modules'), links);
  if (existsSync(join(root, 'web/.svelte-kit')))
    symlinkSync(join(root, 'web/.svelte-kit'), join(to, 'web/.svelte-kit'));
  return to;
}
