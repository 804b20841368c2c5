import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import { MAX_FRAME_BYTES } from '@lianban/sync';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { DoorSocket } from '../docs/session.ts';
import type { StockDoor } from '../docs/stock-door.ts';

/** What `ws` reads before it hangs up with 1009, bytes: above our own limit, so that a client is told the code of ours. */
const MAX_PAYLOAD_BYTES = 2 * MAX_FRAME_BYTES;

/** A path and a query as they came; the door itself says what is wrong with them, in a close code. */
const Asked = z.object({ params: z.object({ '*': z.string() }), query: z.object({ token: z.string().catch('') }) });

/**
 * Opens the stock door at `/yjs/<docId>?token=<door token>`. A document id has slashes, which stock clients do not
 * encode. Closing the application drains the door first.
 */
export async function addStockDoor(app: App, door: StockDoor): Promise<void> {
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false, clientTracking: false },
    // ws closes the line itself; what a client sent wrongly is no fault of the relay
    errorHandler: (error, _socket, request) => request.log.debug({ err: error }, 'a socket failed'),
    preClose: async () => {
      await door.drain();
      app.websocketServer.close();
    },
  });
  app.get('/yjs/*', { websocket: true }, (socket, request) => {
    const { params, query } = Asked.parse({ params: request.params, query: request.query });
    const connection = door.connect(doorSocket(socket), { docId: params['*'], token: query.token });
    socket.on('message', (data, isBinary) => connection.receive(bytesOf(data), !isBinary));
    socket.on('pong', () => connection.heard());
    socket.on('close', () => connection.closed());
  });
}

function doorSocket(socket: WebSocket): DoorSocket {
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (frame) => socket.send(frame, { binary: true }),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    ping: () => socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
