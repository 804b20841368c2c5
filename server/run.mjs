// The starter: `node server/run.mjs <verb>`. Plain JavaScript without dependencies, because it runs before anything is
// installed and on whatever Node (20.19 or newer) the machine has. It installs once, builds what is stale, and hands over
// to the Node that came with the dependencies. Nothing it started outlives it.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const NODE = 'node@26.10.0';
/** How long a stopped child may take to finish what it holds before it is killed. */
const STOP_GRACE_MS = 20_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const onWindows = process.platform === 'win32';
const extra = process.argv.slice(3);

const verbs = { start, dev, build, check, lint, format, test, 'test:long': testLong, bench, planted, verify: test };

// ---------------------------------------------------------------------------------------------------- verbs

async function start() {
  await ready();
  return run('relay', ['server/src/main.ts', ...extra], { onlyChild: true });
}

async function dev() {
  await install();
  await run('types', bin('web', '@sveltejs/kit', 'svelte-kit', ['sync']), { cwd: at('web'), quiet: true });
  const page = run('page', bin('web', 'vite', 'vite', ['dev', '--host', '127.0.0.1', ...extra]), { cwd: at('web') });
  void relayAfterEachChange();
  const code = await page;
  stopAll('SIGTERM');
  return code;
}

/** Not Node's own `--watch`, which outlives a starter that was killed. */
async function relayAfterEachChange() {
  let changed;
  let settle;
  for (const folder of ['server/src', 'packages']) {
    watch(at(folder), { recursive: true, persistent: false }, (_event, name) => {
      if (!name?.endsWith('.ts') || name.includes('node_modules') || name.endsWith('.test.ts')) return;
      clearTimeout(settle);
      settle = setTimeout(() => changed?.(), 150);
    });
  }
  while (stopping === undefined) {
    const change = new Promise((resolve) => (changed = resolve));
    const relay = run('relay', ['server/src/main.ts'], { onlyChild: true });
    await change;
    for (const entry of children) if (entry.onlyChild) entry.child.kill('SIGTERM');
    await relay;
  }
}

async function build() {
  await ready();
  return 0;
}

async function check() {
  await install();
  return report(await inTurns(typeChecks()));
}

async function lint() {
  await install();
  await run('types', bin('web', '@sveltejs/kit', 'svelte-kit', ['sync']), { cwd: at('web'), quiet: true });
  return report(await inTurns(houseRules()));
}

async function format() {
  await install();
  const fixed = await run('eslint', bin('.', 'eslint', 'eslint', ['--fix', '.']));
  return (await run('prettier', bin('.', 'prettier', 'prettier', ['--write', '--log-level=warn', '.']))) || fixed;
}

/** Everything CI runs. With arguments, only the tests whose path contains one of them. */
async function test() {
  await ready();
  const chromium = await findChromium();
  const failures = extra.length > 0 ? [] : await inTurns([...typeChecks(), ...houseRules()]);

  const counts = mkdtempSync(join(tmpdir(), 'lianban-test-'));
  const env = { LIANBAN_CHROMIUM: chromium ?? '' };
  const suite = async (name, flags) => {
    const LIANBAN_COUNTS = join(counts, `${name}.json`);
    const code = await run(name, vitest([...flags, ...extra]), { env: { ...env, LIANBAN_COUNTS } });
    if (code !== 0) failures.push(name);
    if (existsSync(LIANBAN_COUNTS)) return JSON.parse(readFileSync(LIANBAN_COUNTS, 'utf8'));
    return { passed: 0, failed: 0, skipped: 0, skips: [] };
  };
  const parts = [
    await suite('unit', ['--project', 'unit', '--project', 'svelte']),
    // without a browser the suite is still read, so that what was skipped is counted
    await suite('browser', ['--project', 'browser', ...(chromium === undefined ? ['-t', '^$'] : [])]),
  ];
  rmSync(counts, { recursive: true, force: true });

  const total = (key) => parts.reduce((sum, part) => sum + part[key], 0);
  if (extra.length > 0 && total('passed') + total('failed') === 0) failures.push('no test matched');
  console.log('');
  for (const failure of failures) console.log(`failed: ${failure}`);
  for (const [why, count] of skippedWhy(parts, chromium)) console.log(`skipped ${count}: ${why}`);
  if (!process.env.LIANBAN_TESTDATA) console.log('LIANBAN_TESTDATA is not set: tests on real data did not run');
  if (chromium === undefined) console.log('no Chromium was found or could be installed: browser tests did not run');
  console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  return failures.length > 0 || total('failed') > 0 ? 1 : 0;
}

async function testLong() {
  await ready();
  const env = {
    LIANBAN_CHROMIUM: (await findChromium()) ?? '',
    LIANBAN_RUNS: process.env.LIANBAN_RUNS ?? '2000',
    LIANBAN_LONG: '1',
  };
  const which = extra.length > 0 ? extra : ['property', 'convergence'];
  return run('long', vitest(['--project', 'unit', '--testTimeout=1800000', ...which]), { env });
}

async function bench() {
  await ready();
  return run('bench', ['--expose-gc', 'test/bench/run.ts', ...extra]);
}

async function planted() {
  await ready();
  const env = { LIANBAN_CHROMIUM: (await findChromium()) ?? '' };
  return run('planted', ['test/planted/run.ts', ...extra], { env });
}

// --------------------------------------------------------------------------------------- what the tests are

function typeChecks() {
  const tsc = (project) => ({ name: `types of ${project}`, args: bin('.', 'typescript', 'tsc', ['-p', project]) });
  const svelteCheck = [
    ['@sveltejs/kit', 'svelte-kit', ['sync']],
    ['svelte-check', 'svelte-check', ['--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human']],
  ];
  return [
    { name: 'types of web', cwd: at('web'), steps: svelteCheck.map((step) => bin('web', ...step)) },
    ...['.', 'packages/model', 'packages/sync', 'server', 'test'].map(tsc),
  ];
}

function houseRules() {
  return [
    { name: 'eslint', args: bin('.', 'eslint', 'eslint', ['--max-warnings=0', '.']) },
    { name: 'prettier', args: bin('.', 'prettier', 'prettier', ['--check', '--log-level=warn', '.']) },
    {
      name: 'imports',
      args: bin('.', 'dependency-cruiser', 'depcruise', [
        ...['--config', '.dependency-cruiser.js', '--output-type', 'err-long'],
        ...['packages', 'server', 'web/src', 'test'],
      ]),
    },
    { name: 'unused code', args: bin('.', 'knip', 'knip', ['--no-progress', '--no-config-hints']) },
  ];
}

const vitest = (args) => bin('.', 'vitest', 'vitest', ['run', ...args]);

/** Runs checks two at a time, prints the words of those that fail, returns their names. */
async function inTurns(checks) {
  const failed = [];
  const waiting = [...checks];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const args of next.steps ?? [next.args]) {
        if ((await run(next.name, args, { cwd: next.cwd, quiet: true })) === 0) continue;
        failed.push(next.name);
        break;
      }
      console.log(`${failed.includes(next.name) ? 'not ok' : 'ok'}: ${next.name}`);
    }
  };
  await Promise.all([lane(), lane()]);
  return failed;
}

function report(failed) {
  for (const name of failed) console.log(`failed: ${name}`);
  return failed.length > 0 ? 1 : 0;
}

function skippedWhy(parts, chromium) {
  const reasons = new Map();
  for (const { file, why } of parts.flatMap((part) => part.skips)) {
    const reason = why ?? (chromium === undefined && file.includes('test/e2e/') ? 'no Chromium' : `in ${file}`);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return reasons;
}

// --------------------------------------------------------------------------------------- install and build

async function ready() {
  await install();
  await buildWeb();
}

/** What the lock file names lies in node_modules afterwards. Touches no network when it already does. */
async function install() {
  const stampFile = at('node_modules', '.lianban-installed');
  const stamp = sha256(readFileSync(at('pnpm-lock.yaml')));
  const isInstalled = () =>
    read(stampFile) === stamp && ['server', 'web', 'test'].every((name) => existsSync(at(name, 'node_modules')));
  if (isInstalled()) return;

  await alone('install', async () => {
    if (isInstalled()) return;
    console.log('Installing what Lianban needs (about 300 MB, once) ...');
    const began = Date.now();
    const beat = setInterval(() => console.log(`... still installing, ${seconds(began)}`), 15_000);
    // pnpm keeps its store under HOME; where there is none, it gets a passing one
    const passingHome = homeIsUsable() ? undefined : mkdtempSync(join(tmpdir(), 'lianban-home-'));
    const code = await run('install', undefined, {
      command: 'npx',
      args: ['-y', PNPM, 'install', '--frozen-lockfile'],
      env: { CI: 'true', ...(passingHome && { HOME: passingHome, npm_config_cache: join(passingHome, '.npm') }) },
      quiet: true,
    });
    clearInterval(beat);
    if (passingHome !== undefined) rmSync(passingHome, { recursive: true, force: true });
    if (code !== 0) throw new Stop('The installation failed; the reason is above.', code);
    writeFileSync(stampFile, stamp);
    console.log(`Installed in ${seconds(began)}.`);
  });
}

/** `web/build` belongs to the sources as they lie on disk afterwards. */
async function buildWeb() {
  const stampFile = at('web', 'node_modules', '.lianban-built');
  const isBuilt = () => existsSync(at('web', 'build', 'index.html')) && read(stampFile) === webStamp();
  if (isBuilt()) return;

  await alone('build', async () => {
    if (isBuilt()) return;
    console.log('Building the workspace ...');
    const began = Date.now();
    const stamp = webStamp();
    rmSync(stampFile, { force: true });
    const code = await run('build', bin('web', 'vite', 'vite', ['build', '--logLevel', 'warn']), {
      cwd: at('web'),
      quiet: true,
    });
    if (code !== 0) throw new Stop('The build failed; the reason is above.', code);
    writeFileSync(stampFile, stamp);
    console.log(`Built in ${seconds(began)}.`);
  });
}

function webStamp() {
  const hash = createHash('sha256');
  const skipped = new Set(['node_modules', 'build', '.svelte-kit', 'coverage', 'testing']);
  const walk = (folder) => {
    const entries = readdirSync(at(folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name)) walk(path);
      else if (entry.isFile() && !/\.(test|spec|bench)\.ts$|\.md$/.test(entry.name)) add(path);
    }
  };
  const add = (path) => hash.update(`${path}\0`).update(sha256(readFileSync(at(path))));
  walk('web');
  walk('packages');
  add('pnpm-lock.yaml');
  return hash.digest('hex');
}

/** One starter at a time does `work`: two of them in one checkout would build into the same folder. */
async function alone(name, work) {
  mkdirSync(at('node_modules'), { recursive: true });
  const lock = at('node_modules', `.lianban-${name}.lock`);
  for (let waited = false; !tryLock(lock); waited = true) {
    if (!waited) console.log(`Waiting for another ${name} in this checkout ...`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(lock) {
  const mine = `${lock}.${process.pid}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, 'pid'), String(process.pid));
  try {
    renameSync(mine, lock); // atomic, and refused while the other one is not empty
    return true;
  } catch {
    rmSync(mine, { recursive: true, force: true });
    const owner = Number(read(join(lock, 'pid')));
    if (owner > 0 && !isAlive(owner)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

// ------------------------------------------------------------------------------------------ the right tools

let chosenNode;

/** The Node that came with the dependencies; else this one if it strips types; else one that npx fetches. */
function node() {
  if (chosenNode !== undefined) return chosenNode;
  const [os, arch] = [process.platform, process.arch];
  const brought = at('node_modules', `node-${os}-${arch}`, 'bin', 'node');
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (existsSync(brought) && spawnSync(brought, ['--version']).status === 0) chosenNode = [brought];
  else if (major > 22 || (major === 22 && minor >= 17)) chosenNode = [process.execPath];
  else chosenNode = ['npx', '-y', '-p', NODE, 'node'];
  return chosenNode;
}

/** Arguments that make Node run the command line tool `name` of a package that `where` depends on. */
function bin(where, packageName, name, args) {
  const folder = at(where, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [join(folder, typeof bins === 'string' ? bins : bins[name]), ...args];
}

/** The path of a Chromium that runs; installs one if there is none; undefined where that is impossible. */
async function findChromium() {
  const runs = (path) => path && existsSync(path) && spawnSync(path, ['--version']).status === 0;
  const find = () =>
    [
      ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map((x) => `/usr/bin/${x}`),
      ...playwrightBrowsers(),
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ].find(runs);

  const asked = process.env.LIANBAN_CHROMIUM;
  if (asked) {
    if (runs(asked)) return asked;
    throw new Stop(`LIANBAN_CHROMIUM is ${asked}, which does not run.`);
  }
  const found = find();
  if (found !== undefined) return found;

  console.log('Installing a Chromium for the browser tests ...');
  await run('chromium', bin('test', 'playwright-core', 'playwright-core', ['install', 'chromium']), {
    env: { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '5000' },
    quiet: 'always',
  });
  if (find() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const apt = (...args) =>
      run('chromium', undefined, {
        command: 'apt-get',
        args,
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        quiet: true,
      });
    if ((await apt('update')) === 0)
      await apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk');
  }
  return find();
}

function playwrightBrowsers() {
  const caches = [process.env.PLAYWRIGHT_BROWSERS_PATH, join(homedir(), '.cache', 'ms-playwright')];
  return caches
    .filter((cache) => cache && existsSync(cache))
    .flatMap((cache) =>
      readdirSync(cache)
        .filter((name) => name.startsWith('chromium-'))
        .flatMap((name) => ['chrome-linux', 'chrome-linux64'].map((os) => join(cache, name, os, 'chrome'))),
    );
}

// ---------------------------------------------------------------------------------------------- processes

const children = new Set();
let stopping;

/**
 * Runs Node with `args` (or another `command`) to its end and returns its exit code. Each child leads a process group of
 * its own: a Ctrl-C reaches it once, through this process, and whatever it leaves behind is killed with the group.
 */
function run(name, args, options = {}) {
  if (stopping !== undefined) throw new Stop(undefined, stopping);
  const [command, ...first] = options.command ? [options.command] : node();
  // the relay and the tools notice a starter that was killed: the channel to it closes
  const follow = options.command || command === 'npx' ? [] : ['--import', new URL('follow.mjs', import.meta.url).href];
  const quiet = options.quiet !== undefined;
  const child = spawn(command, [...first, ...follow, ...(options.args ?? args)], {
    cwd: options.cwd ?? root,
    env: environment(command, options.env),
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit', ...(follow.length > 0 ? ['ipc'] : [])],
    detached: !onWindows,
    shell: onWindows && command === 'npx',
  });
  const said = [];
  child.stdout?.on('data', (chunk) => said.push(chunk));
  child.stderr?.on('data', (chunk) => said.push(chunk));
  const entry = { child, onlyChild: options.onlyChild === true };
  children.add(entry);

  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      children.delete(entry);
      reject(new Stop(`${name}: ${command} could not be started (${error.message}).`));
    });
    // `exit`, not `close`: a grandchild that holds the pipes open must not hold us
    child.once('exit', (code, signal) => {
      children.delete(entry);
      killGroup(child, 'SIGKILL');
      const status = code ?? 128 + (signalNumbers[signal] ?? 1);
      setImmediate(() => {
        if (status !== 0 && options.quiet === true && stopping === undefined) {
          process.stderr.write(`--- ${name}\n${Buffer.concat(said).toString()}`);
        }
        if (stopping !== undefined && !entry.onlyChild) reject(new Stop(undefined, stopping));
        else resolve(status);
      });
    });
  });
}

function environment(command, more = {}) {
  const env = { ...process.env, ...more };
  env.PATH = [...(command === 'npx' ? [] : [dirname(command)]), env.PATH].join(delimiter);
  // how npm was set up on this machine is no business of what runs here, and would only make tools print warnings
  delete env.NODE_CHANNEL_FD;
  return env;
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

function stopAll(signal) {
  for (const { child, onlyChild } of children) {
    if (onlyChild || onWindows) child.kill(signal);
    else killGroup(child, signal);
    setTimeout(() => killGroup(child, 'SIGKILL'), STOP_GRACE_MS).unref();
  }
}

function killGroup(child, signal) {
  try {
    if (onWindows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // the group is gone, which is what was wanted
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Ends the starter with a line for the person, not a stack. */
class Stop extends Error {
  constructor(message, code = 1) {
    super(message ?? '');
    this.code = code;
  }
}

// -------------------------------------------------------------------------------------------- small things

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const seconds = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;

function homeIsUsable() {
  try {
    if (!process.env.HOME && !onWindows) return false;
    mkdirSync(join(homedir(), '.npm'), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

// -------------------------------------------------------------------------------------------------- main

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopping = 128 + signalNumbers[signal];
    if (children.size === 0) process.exit(stopping);
    stopAll(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  });
}

// npm does not always pass on how it ended; a starter whose npm is gone stops too
if (process.env.npm_lifecycle_event !== undefined) {
  const above = ancestors();
  const asking = setInterval(() => {
    if (stopping === undefined && ancestors() !== above) process.kill(process.pid, 'SIGTERM');
  }, 500);
  asking.unref();
}

/** The parent and its parent, as far as the system tells: npm runs a script through a shell that outlives it. */
function ancestors() {
  const stat = read(`/proc/${process.ppid}/stat`);
  return `${process.ppid} ${stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? ''}`;
}

const verb = process.argv[2];
if (!Object.hasOwn(verbs, verb ?? '')) {
  console.error(`Say one of: ${Object.keys(verbs).join(', ')}`);
  process.exit(2);
}
try {
  process.exitCode = await verbs[verb]();
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message) console.error(error.message);
  process.exitCode = error.code;
}
