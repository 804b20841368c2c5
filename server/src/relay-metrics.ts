import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Writer } from './db/writer.ts';
import type { StockDoor } from './docs/stock-door.ts';
import type { Ledger } from './ledger/ledger.ts';

/** What the relay counts, read when somebody asks. Names say the unit; nothing names a person or a case. */
export function relayMetrics(parts: { writer: Writer; ledger: Ledger; door: StockDoor }): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({ name: `lianban_${name}`, help, registers: [register], collect: collectInto(read) });
  };
  const { writer, ledger, door } = parts;
  gauge('storage_ready', '1 while the relay stores, 0 while it only reads', () => (writer.state === 'ready' ? 1 : 0));
  gauge('commits_total', 'Commits since the start', () => writer.counters.commits);
  gauge('commit_jobs_total', 'Jobs in those commits', () => writer.counters.jobs);
  gauge('commit_seconds_sum', 'Time those commits took', () => writer.counters.commitMsSum / 1000);
  gauge('store_faults_total', 'Failures of the disk since the start', () => writer.counters.faults);
  gauge('receipts_total', 'Receipts ever given', () => ledger.headN());
  gauge('door_sockets', 'Sockets at the stock door', () => door.sockets);
  gauge('door_rooms', 'Documents somebody has open', () => door.rooms);
  gauge('door_updates_stored_total', 'Updates committed since the start', () => door.tally.stored);
  gauge('door_quarantined_total', 'Updates set aside since the start', () => door.tally.quarantined);
  new Gauge({
    name: 'lianban_door_refused_total',
    help: 'Sockets and changes refused since the start, by code',
    labelNames: ['code'],
    registers: [register],
    collect() {
      for (const [code, count] of door.tally.refused) this.set({ code }, count);
    },
  });
  return register;
}

function collectInto(read: () => number) {
  return function (this: Gauge): void {
    this.set(read());
  };
}
