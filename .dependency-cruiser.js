// Who may import whom. The order is model <- sync <- { server, web }; `test` sees public entries only.

const testFile = '[.](test|spec|bench|child)[.]ts$';
const model = '^packages/model/';
const sync = '^packages/sync/';
const testing = '^packages/sync/src/testing/';
const ours = '^(packages|server|web|test)/';
const npm = (...names) => `node_modules/(${names.join('|')})/`;
const entries = '^(packages/[^/]+/src/index|packages/sync/src/testing/index|server/src/index|web/src/lib/index)[.]ts$';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    forbid(
      'model-is-pure',
      'model imports the schema library and nothing else',
      { path: model, pathNot: testFile },
      { pathNot: [model, npm('zod')] },
    ),
    forbid(
      'sync-has-no-host',
      'sync knows Yjs, lib0, y-protocols, y-websocket, the schema library (what lies in a document is unknown until parsed) and model; stores, clock and randomness come in through its ports',
      { path: sync, pathNot: [testFile, testing] },
      { pathNot: [sync, '^packages/model/src/index[.]ts$', npm('yjs', 'lib0', 'y-protocols', 'y-websocket', 'zod')] },
    ),
    forbid(
      'testing-is-for-tests',
      'what stands in for the real thing is never part of it',
      { path: ours, pathNot: [testFile, '/testing/', '^test/'] },
      { path: testing },
    ),
    forbid('model-knows-no-other', 'model is at the bottom', { path: model }, { path: ours, pathNot: model }),
    forbid(
      'sync-knows-model-only',
      'sync stands on model alone',
      { path: sync },
      { path: ours, pathNot: ['^packages/'] },
    ),
    forbid('server-never-sees-web', 'they meet on the wire', { path: '^server/' }, { path: '^(web|test)/' }),
    forbid('web-never-sees-server', 'they meet on the wire', { path: '^web/' }, { path: '^(server|test)/' }),
    forbid(
      'public-entries-only',
      'a package is imported by its entry, never by a file inside it',
      { path: '^(packages/[^/]+|server|web|test)/' },
      { path: '^(packages/[^/]+|server|web)/', pathNot: ['^$1/', entries, '/node_modules/'] },
    ),
    forbid(
      'the-file-not-the-index',
      'inside a package import the file, not the index',
      { path: '^(packages/[^/]+|server)/src/', pathNot: testFile },
      { path: '^$1/src/index[.]ts$' },
    ),
    forbid(
      'features-stand-apart',
      'cases, docs and people do not import each other; pages compose them',
      { path: '^web/src/lib/(cases|docs|people)/' },
      { path: '^web/src/lib/(cases|docs|people)/', pathNot: '^web/src/lib/$1/' },
    ),
    forbid(
      'ui-imports-nothing-of-ours',
      'ui is plain components',
      { path: '^web/src/lib/ui/' },
      { path: ours, pathNot: ['^web/src/lib/ui/', 'node_modules'] },
    ),
    forbid('lib-knows-no-page', 'pages compose lib', { path: '^web/src/lib/' }, { path: '^web/src/routes/' }),
    forbid(
      'docs-and-ledger-apart',
      'in the relay, docs and ledger do not import each other',
      { path: '^server/src/(docs|ledger)/' },
      { path: '^server/src/(docs|ledger)/', pathNot: '^server/src/$1/' },
    ),
    forbid(
      'no-http-below-the-routes',
      'docs, ledger, upstream and db know nothing of HTTP',
      { path: '^server/src/(docs|ledger|upstream|db)/', pathNot: testFile },
      { path: [npm('fastify', '@fastify/[^/]+', 'fastify-type-provider-zod'), '^server/src/(routes|plugins)/'] },
    ),
    forbid(
      'dexie-at-home',
      'Dexie is used in web/src/lib/store',
      { path: ours, pathNot: ['^web/src/lib/store/', '^test/'] },
      { path: npm('dexie') },
    ),
    forbid(
      'sql-at-home',
      'SQL is used in server/src/db and in the two logs',
      { path: ours, pathNot: ['^server/src/db/', '^server/src/docs/update-log', '^server/src/ledger/ledger-log'] },
      { path: npm('better-sqlite3', '@types/better-sqlite3') },
    ),
    forbid(
      'no-cycles',
      'no run-time cycles',
      { path: ours },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    forbid(
      'resolvable',
      'an import leads somewhere',
      { path: ours },
      { couldNotResolve: true, pathNot: '^([$]app/|[.]/[$]types)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(build|[.]svelte-kit|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'browser', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json', '.d.ts'],
    },
  },
};
