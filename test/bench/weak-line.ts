import { createServer, connect, type Socket } from 'node:net';

/** A weak line in front of a port of this machine. */
export interface WeakLine {
  readonly port: number;
  close(): Promise<void>;
}

/** Half of a round trip of 300 ms. */
const ONE_WAY_MS = 150;
/** 128 kbit/s, in each direction. */
const BYTES_PER_MS = 16;
/** A connection that opens has cost a round trip before its first byte may go. */
const HANDSHAKE_MS = 2 * ONE_WAY_MS;

/** Opens a loopback port that passes everything on as a line of 300 ms and 128 kbit/s would. */
export async function openWeakLine(to: number): Promise<WeakLine> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    pass(near, far, HANDSHAKE_MS);
    pass(far, near, 0);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each packet leaves when the line is free and arrives half a round trip later. */
function pass(from: Socket, to: Socket, firstMs: number): void {
  let freeAtMs = performance.now() + firstMs;
  const under: Uint8Array[] = [];
  // timers are no finer than a millisecond: whichever ends first lets the oldest packet arrive
  const arrive = (): void => {
    const packet = under.shift();
    if (packet && to.writable) to.write(packet);
  };
  from.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 1_460) {
      const packet = bytes.subarray(at, at + 1_460);
      freeAtMs = Math.max(freeAtMs, performance.now()) + packet.length / BYTES_PER_MS;
      under.push(packet);
      setTimeout(arrive, freeAtMs + ONE_WAY_MS - performance.now());
    }
  });
  from.on('close', () => setTimeout(() => to.destroy(), ONE_WAY_MS));
}
