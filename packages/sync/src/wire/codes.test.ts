import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CODES } from './codes.ts';

describe('the table of codes', () => {
  it('is the one that SPEC.md prints', () => {
    const spec = readFileSync(new URL('../../SPEC.md', import.meta.url), 'utf8');
    const printed = spec
      .slice(spec.indexOf('## Codes'))
      .split('\n')
      .filter((line) => /^\| [a-z]/.test(line) && !line.startsWith('| code '));
    const rows = Object.entries(CODES).map(([code, row]) => `| ${code} | ${row.http} | ${row.close} | ${row.retry} |`);
    expect(printed).toEqual(rows);
  });

  it('closes with 44xx where trying again is useless and with 45xx where it is not', () => {
    for (const [code, { close, retry }] of Object.entries(CODES)) {
      const again = retry === 'later' || retry === 'ask' || code === 'needs-sync';
      expect({ code, again: close >= 4500 }).toEqual({ code, again });
    }
  });
});
