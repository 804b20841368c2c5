// Hocuspocus with its own SQLite extension and its own defaults: a document is stored 2 s after a change, 10 s at most.

import { SQLite } from '@hocuspocus/extension-sqlite';
import { Server } from '@hocuspocus/server';

const server = new Server({
  address: '127.0.0.1',
  port: Number(process.env['PORT']),
  quiet: true,
  extensions: [new SQLite({ database: `${process.env['BENCH_DATA']}/hocuspocus.sqlite` })],
});
await server.listen();
console.log('ready');
