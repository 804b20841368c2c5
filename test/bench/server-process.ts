import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One server in a process of its own, on loopback, with a data folder and a port that survive its deaths. */
export interface ServerProcess {
  readonly port: number;
  readonly dataFolder: string;
  /** Starts it again after a death; resolves once it says that it is ready. */
  start(): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves once it is gone. */
  stop(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
  /** CPU time of all its threads since it was started, ms. */
  cpuMs(): number;
  /** Resident memory after a forced collection, bytes. */
  restingBytes(): Promise<number>;
}

/** What a server is started with. `ready` is what it prints once it answers. */
export interface Command {
  script: string;
  ready: string;
  env: (port: number, dataFolder: string) => Record<string, string>;
}

/** A server that does not stop on SIGTERM within this is killed, ms. */
const STOP_WITHIN_MS = 15_000;
const PRELOAD = new URL('./servers/preload.ts', import.meta.url).href;

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Starts a server and waits until it is ready. */
export async function startServer(command: Command): Promise<ServerProcess> {
  const port = await freePort();
  const dataFolder = mkdtempSync(join(tmpdir(), 'lianban-bench-'));
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();

  const server: ServerProcess = {
    port,
    dataFolder,
    async start() {
      const profile = process.env['LIANBAN_BENCH_PROFILE'];
      const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
      const started = spawn(process.execPath, ['--import', PRELOAD, ...flags, command.script], {
        env: { ...process.env, NODE_ENV: 'production', ...command.env(port, dataFolder) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      running.add(started);
      let printed = '';
      const ready = Promise.withResolvers<void>();
      const read = (chunk: Buffer): void => {
        printed = (printed + chunk.toString()).slice(-20_000);
        if (printed.includes(command.ready)) ready.resolve();
      };
      started.stdout.on('data', read);
      started.stderr.on('data', (chunk: Buffer) => {
        read(chunk);
        if (process.env['LIANBAN_BENCH_VERBOSE']) process.stderr.write(chunk);
      });
      exited = new Promise((resolve) =>
        started.on('exit', () => {
          running.delete(started);
          resolve();
        }),
      );
      void exited.then(() => ready.reject(new Error(`${command.script} ended before it was ready:\n${printed}`)));
      await ready.promise;
    },
    async kill() {
      child?.kill('SIGKILL');
      await exited;
    },
    async stop() {
      const last = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS);
      child?.kill('SIGTERM');
      await exited;
      clearTimeout(last);
    },
    async close() {
      await server.stop();
      rmSync(dataFolder, { recursive: true, force: true });
    },
    cpuMs: () => cpuMs(child?.pid),
    async restingBytes() {
      for (let i = 0; i < 3; i++) {
        child?.kill('SIGUSR2');
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      const rollup = readFileSync(`/proc/${child?.pid}/smaps_rollup`, 'utf8');
      return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
    },
  };
  await server.start();
  return server;
}

/** Nanoseconds on a CPU, summed over the threads: finer than the 10 ms of /proc/<pid>/stat. */
function cpuMs(pid: number | undefined): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  }
  return ns / 1e6;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
