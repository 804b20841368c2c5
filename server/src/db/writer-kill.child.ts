// Writes rows without end and prints the number of each one that was acknowledged. writer.test.ts kills it.

import { writeSync } from 'node:fs';
import { systemClock } from '../host.ts';
import { openDatabase } from './open.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('which file?');
const { db, writer } = openDatabase({
  path,
  migrations: [{ version: 1, name: 'rows', sql: 'CREATE TABLE row (n INTEGER PRIMARY KEY) STRICT' }],
  clock: systemClock,
});
const insert = db.prepare('INSERT INTO row (n) VALUES (?)');
const PER_TURN = 20;

function turn(n: number): void {
  for (let i = n; i < n + PER_TURN; i++) {
    void writer.submit(() => void insert.run(i)).then(() => writeSync(1, `${i}\n`));
  }
  setImmediate(turn, n + PER_TURN);
}
turn(1);
