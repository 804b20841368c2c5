import { existsSync, readFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docIdOf, DocumentNumber, newDeviceId, type DeviceId } from '@lianban/model';
import { random, signIn, type Desk } from '../support/desk.ts';
import { startServer, type Command, type ServerProcess } from './server-process.ts';

/** H Hocuspocus, Y y-websocket's server, B bare broadcast, L Lianban. */
export type PeerName = 'H' | 'Y' | 'B' | 'L';

/** How a server speaks: all carry frames of y-protocols, with more or less around them. */
export type Dialect = 'y-websocket' | 'hocuspocus' | 'broadcast' | 'lianban';

/** One document at one server. */
export interface Room {
  readonly name: string;
  readonly dialect: Dialect;
  /** Where the line of person number `who` connects; a token that is needed has been granted before. */
  seat(who: number): Promise<Seat>;
}

/** A place for one line. `device` is who announces itself, where the server knows announcements. */
export interface Seat {
  readonly url: string;
  readonly room: Room;
  readonly device?: DeviceId;
}

/** A server under load. */
export interface Peer extends ServerProcess {
  readonly name: PeerName;
  /** New, empty documents. */
  rooms(count: number): Promise<Room[]>;
}

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What each peer is called in the table. A peer whose package is not there is missing from the list. */
export function installedPeers(): { name: PeerName; what: string }[] {
  const peers: { name: PeerName; what: string }[] = [];
  const hocuspocus = versionOf(() => import.meta.resolve('@hocuspocus/server'));
  const sqlite = versionOf(() => import.meta.resolve('@hocuspocus/extension-sqlite'));
  if (hocuspocus && sqlite) {
    peers.push({
      name: 'H',
      what: `@hocuspocus/server ${hocuspocus}, extension-sqlite ${sqlite} (over the workspace's better-sqlite3)`,
    });
  }
  const yWebsocket = versionOf(yWebsocketEntry);
  if (yWebsocket) peers.push({ name: 'Y', what: `@y/websocket-server ${yWebsocket} with the y-leveldb it installs` });
  peers.push({ name: 'B', what: `bare broadcast over ws ${versionOf(() => import.meta.resolve('ws')) ?? '?'}` });
  peers.push({ name: 'L', what: "Lianban's stock door" });
  return peers;
}

/** Starts a server of its own. `lifted` takes Lianban's limits per connection away; the others have none. */
export async function startPeer(name: PeerName, { lifted = false } = {}): Promise<Peer> {
  const server = await startServer(commandOf(name, lifted));
  const rooms = name === 'L' ? lianbanRooms(server) : plainRooms(name, server);
  return Object.assign(server, { name, rooms });
}

function commandOf(name: PeerName, lifted: boolean): Command {
  switch (name) {
    case 'H':
      return {
        script: path('./servers/hocuspocus.ts'),
        ready: 'ready',
        env: (port, data) => ({ PORT: String(port), BENCH_DATA: data }),
      };
    case 'Y':
      return {
        script: join(folderOf(yWebsocketEntry), 'src', 'server.js'),
        ready: 'running at',
        env: (port, data) => ({ PORT: String(port), HOST: '127.0.0.1', YPERSISTENCE: data }),
      };
    case 'B':
      return { script: path('./servers/broadcast.ts'), ready: 'ready', env: (port) => ({ PORT: String(port) }) };
    case 'L':
      return {
        script: path('../../server/src/main.ts'),
        ready: 'Lianban is ready at',
        env: (port, data) => ({
          PORT: String(port),
          HOST: '127.0.0.1',
          LIANBAN_DATA: data,
          LIANBAN_DEMO: '1',
          LOG_LEVEL: 'warn',
          LIANBAN_BENCH_LIFT: lifted ? '1' : '0',
        }),
      };
  }
}

function plainRooms(peer: PeerName, { port }: ServerProcess): Peer['rooms'] {
  const dialect = ({ H: 'hocuspocus', Y: 'y-websocket', B: 'broadcast', L: 'lianban' } as const)[peer];
  let made = 0;
  return async (count) =>
    Array.from({ length: count }, () => {
      const name = `paper-${++made}`;
      const url = `ws://127.0.0.1:${port}${dialect === 'hocuspocus' ? '' : `/${name}`}`;
      const room: Room = { name, dialect, seat: async () => ({ url, room }) };
      return room;
    });
}

/** Accounts of the demo that write in the rooms, each at a device of its own. */
const ACCOUNTS = ['limin', 'wanglei', 'chenjing', 'sunqian', 'zhaoqiang'];

function lianbanRooms({ port }: ServerProcess): Peer['rooms'] {
  const url = `http://127.0.0.1:${port}`;
  let signedIn: Promise<{ desk: Desk; device: DeviceId }[]> | undefined;
  const people = (): NonNullable<typeof signedIn> =>
    (signedIn ??= Promise.all(
      ACCOUNTS.map(async (account) => ({ desk: await signIn(url, account), device: newDeviceId(random) })),
    ));

  return async (count) => {
    const desks = await people();
    const opener = (desks[0] as (typeof desks)[number]).desk;
    const others = new Set(
      desks.map(({ desk }) => desk.department).filter((department) => department !== opener.department),
    );
    const rooms: Room[] = [];
    for (let i = 0; i < count; i++) {
      const caseId = await opener.openCase(opener.department, [...others]);
      const docId = docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse('1') });
      const tokens = new Map<number, Promise<string>>();
      const room: Room = {
        name: docId,
        dialect: 'lianban',
        async seat(who) {
          const at = who % desks.length;
          const { desk, device } = desks[at] as { desk: Desk; device: DeviceId };
          if (!tokens.has(at)) tokens.set(at, tokenFor(desk, docId));
          return { url: `ws://127.0.0.1:${port}/yjs/${docId}?token=${await tokens.get(at)}`, room, device };
        },
      };
      rooms.push(room);
    }
    return rooms;
  };
}

async function tokenFor(desk: Desk, docId: string): Promise<string> {
  const answer = await desk.request('/api/door-tokens', { method: 'POST', body: JSON.stringify({ docId }) });
  if (!answer.ok) throw new Error(`door token: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}

/** The package says nothing of its entry; this file of it can be named. */
const yWebsocketEntry = (): string => import.meta.resolve('@y/websocket-server/utils');

function folderOf(entry: () => string): string {
  let folder = dirname(fileURLToPath(entry()));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The version of an installed package, or undefined when it is not there. */
function versionOf(entry: () => string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folderOf(entry), 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}
