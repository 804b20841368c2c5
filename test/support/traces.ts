import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One keystroke or paste: at `position`, in UTF-16 units, delete `deleted`, insert `inserted`. */
export type Patch = [position: number, deleted: number, inserted: string];

/** One transaction of a trace, made by `agent` after seeing `parents` (indexes of transactions). */
export interface TraceTxn {
  parents: number[];
  agent: number;
  patches: Patch[];
}

/** A recorded writing session and the text everybody must end with. */
export interface Trace {
  endContent: string;
  numAgents: number;
  txns: TraceTxn[];
}

/** The folder LIANBAN_TESTDATA names, when it is there. */
export const testData = process.env['LIANBAN_TESTDATA'];

/** True when the named trace can be read. */
export function hasTrace(name: string): boolean {
  return testData !== undefined && existsSync(tracePath(name));
}

/** Reads a trace of either shape: concurrent (with parents) or one person's (a list). */
export function readTrace(name: string): Trace {
  const raw = JSON.parse(gunzipSync(readFileSync(tracePath(name))).toString()) as {
    endContent: string;
    numAgents?: number;
    txns: { parents?: number[]; agent?: number; patches: Patch[] }[];
  };
  return {
    endContent: raw.endContent,
    numAgents: raw.numAgents ?? 1,
    txns: raw.txns.map((txn, index) => ({
      parents: txn.parents ?? (index === 0 ? [] : [index - 1]),
      agent: txn.agent ?? 0,
      patches: txn.patches,
    })),
  };
}

function tracePath(name: string): string {
  return join(testData ?? '', 'editing-traces', `${name}.json.gz`);
}
