import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

/** A real relay in a process of its own, with a data folder and a port that survive its deaths. */
export interface RelayProcess {
  readonly url: string;
  readonly wsUrl: string;
  readonly dataFolder: string;
  /** Everything it has printed. */
  output(): string;
  /** Starts it again after a death; resolves once it answers. */
  start(): Promise<void>;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/** Starts a relay with the demo data on a free loopback port. */
export async function startRelay(env: Record<string, string> = {}): Promise<RelayProcess> {
  const port = await freePort();
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianban-relay-'));
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let exited: Promise<number | null> = Promise.resolve(null);
  let printed = '';

  const relay: RelayProcess = {
    url,
    wsUrl: url.replace('http', 'ws'),
    dataFolder,
    output: () => printed,
    async start() {
      const started = spawn(process.execPath, [MAIN], {
        env: {
          ...process.env,
          PORT: String(port),
          HOST: '127.0.0.1',
          LIANBAN_DATA: dataFolder,
          LOG_LEVEL: 'warn',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      const ready = Promise.withResolvers<void>();
      const read = (chunk: Buffer): void => {
        printed += chunk.toString();
        if (printed.includes('Lianban is ready at')) ready.resolve();
      };
      printed = '';
      started.stdout.on('data', read);
      started.stderr.on('data', read);
      exited = new Promise((resolve) => started.on('exit', (code) => resolve(code)));
      void exited.then(() => ready.reject(new Error(`the relay ended before it was ready:\n${printed}`)));
      await ready.promise;
    },
    async kill() {
      child?.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child?.kill('SIGTERM');
      return exited;
    },
    async close() {
      await relay.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
  await relay.start();
  return relay;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
