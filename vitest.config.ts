import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/build/**', '**/.svelte-kit/**'];
const runeTests = '**/*.svelte.test.ts';

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
        plugins: [svelte()],
        resolve: { conditions: ['browser'] },
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
