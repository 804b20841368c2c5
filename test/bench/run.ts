// `npm run bench`: Lianban and its peers in one run, on this machine, each server in a process of its own. Prints a table
// and writes nothing else. Only ratios of one run mean something. Ends with 1 when something did not work: a client that
// never came into sync, an edit that was lost.
//
// LIANBAN_BENCH=name[,name] runs some of the measures, LIANBAN_BENCH_SCALE=0.1 smaller ones, LIANBAN_BENCH_PEERS=HL some
// of the servers, LIANBAN_BENCH_PROFILE=folder leaves a CPU profile of each server there.

import { availableParallelism, loadavg } from 'node:os';
import { table, type Measure, type Row } from './figures.ts';
import { catchUp } from './measures/catch-up.ts';
import { coldOpen } from './measures/cold-open.ts';
import { crowd } from './measures/crowd.ts';
import { fanOut } from './measures/fan-out.ts';
import { idle } from './measures/idle.ts';
import { ingest } from './measures/ingest.ts';
import { keystroke } from './measures/keystroke.ts';
import { kill } from './measures/kill.ts';
import { storm } from './measures/storm.ts';
import { typists } from './measures/typists.ts';
import { installedPeers, type PeerName } from './peers.ts';

const MEASURES: Measure[] = [idle, fanOut, typists, storm, crowd, catchUp, keystroke, coldOpen, ingest, kill];

const scale = Number(process.env['LIANBAN_BENCH_SCALE'] || 1);
const only = process.env['LIANBAN_BENCH']?.split(',').filter(Boolean) ?? [];
const unknown = only.filter((name) => MEASURES.every((measure) => measure.name !== name));
if (unknown.length > 0 || !(scale > 0)) {
  console.error(
    `no measure ${unknown.join(', ')} or no scale; there are: ${MEASURES.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const chosen = process.env['LIANBAN_BENCH_PEERS'];
const installed = installedPeers();
const peers = installed.map(({ name }) => name).filter((name) => !chosen || chosen.includes(name));

console.log(
  `Node ${process.version}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, scale ${scale}`,
);
for (const { name, what } of installed) console.log(`${name}: ${what}`);
for (const name of ['H', 'Y'] satisfies PeerName[]) {
  if (!installed.some((peer) => peer.name === name)) console.log(`${name} is missing: it is not installed here`);
}
console.log('Medians of three rounds, lowest and highest in brackets. Ratios are Lianban / peer.\n');

const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
const loadBefore = load();
const notes: string[] = [];
const failures: string[] = [];
const rows: Row[] = [];
for (const { name, run } of MEASURES) {
  if (only.length > 0 && !only.includes(name)) continue;
  const begun = performance.now();
  try {
    rows.push(
      ...(await run({
        peers,
        scaled: (full) => Math.max(1, Math.round(full * scale)),
        scaledMs: (full) => Math.max(300, Math.round(full * scale)),
        note: (text) => notes.push(`${name}: ${text}`),
      })),
    );
  } catch (reason) {
    failures.push(`${name}: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`);
  }
  console.log(`${name}: ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
}

console.log(`\n${table(rows)}\n`);
// what others did on the machine meanwhile: seconds and latencies mean little above the number of cores
console.log(`load average before ${loadBefore}, after ${load()}`);
for (const note of notes) console.log(note);
for (const failure of failures) console.log(`failed: ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
