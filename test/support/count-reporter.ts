import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

import type { Reporter, TestModule } from 'vitest/node';

/** What one run of the test runner came to, as the starter adds it up. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  skips: { file: string; why?: string }[];
}

/** Writes the run's `Counts` as JSON to the file named by LIANBAN_COUNTS, if it is named. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const path = process.env['LIANBAN_COUNTS'];
    if (path === undefined) return;
    writeFileSync(path, JSON.stringify(countRun(modules, unhandledErrors.length)));
  }
}

function countRun(modules: readonly TestModule[], unhandled: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandled, skipped: 0, skips: [] };
  for (const module of modules) {
    const file = relative(process.cwd(), module.moduleId);
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') counts.passed += 1;
      else if (result.state === 'failed') failedHere += 1;
      else {
        counts.skipped += 1;
        const why = result.state === 'skipped' ? result.note : undefined;
        counts.skips.push(why === undefined ? { file } : { file, why });
      }
    }
    // a file or a hook that broke before its tests could fail is a failure all the same
    if (failedHere === 0 && !module.ok()) failedHere = 1;
    counts.failed += failedHere;
  }
  return counts;
}
