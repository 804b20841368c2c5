import { compileModule } from 'svelte/compiler';
import { defineConfig, type Plugin } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/build/**', '**/.svelte-kit/**'];
const runeTests = '**/*.svelte.test.ts';

// the Svelte plugin compiles for the server whatever runs outside a browser, where effects do nothing; bridges are tested
// as a browser runs them
const clientRunes: Plugin = {
  name: 'client-runes',
  enforce: 'post',
  transform(code, id) {
    if (!/\.svelte(\.test)?\.ts$/.test(id)) return undefined;
    return compileModule(code, { filename: id, generate: 'client' }).js;
  },
};

export default defineConfig({
  test: {
    // two cores: more workers only wait for each other
    maxWorkers: 2,
    passWithNoTests: true,
    reporters: ['default', './test/support/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['packages/**/*.test.ts', 'server/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...exclude, runeTests],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        plugins: [clientRunes],
        ssr: { noExternal: ['svelte', 'esm-env'], resolve: { conditions: ['browser', 'module', 'development'] } },
        test: {
          name: 'svelte',
          environment: 'node',
          include: [runeTests],
          exclude,
        },
      },
      {
        // drives a real Chromium through playwright-core
        test: {
          name: 'browser',
          environment: 'node',
          include: ['test/e2e/**/*.spec.ts'],
          exclude,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
