import { decodeUpdate, MESSAGE_SYNC, SYNC_STEP_1 } from '@lianban/sync';
import * as decoding from 'lib0/decoding';
import WebSocket from 'ws';

/**
 * How far an author has got: clock units written plus units deleted. It rises with every transaction, deletions alone
 * too, which a state vector does not show.
 */
export function progressOf(update: Uint8Array): number {
  const decoded = decodeUpdate(update);
  if (!decoded.ok) throw new Error(decoded.detail);
  const { blocks, deletes } = decoded.value;
  return blocks.reduce((sum, { clock, end }) => sum + end - clock, 0) + deletes.reduce((sum, { len }) => sum + len, 0);
}

/** Holds document frames back until the script of a trace says that this person had seen them. */
export interface Gate {
  /** For `openSharedDoc`: a WebSocket whose document frames pass through this gate. */
  readonly WebSocketImpl: typeof globalThis.WebSocket;
  /** Lets frames through while the author's progress in them stays within `progress`. */
  allow(progress: number): void;
  /** Lets everything through, now and from now on, or stops doing so from here on. */
  setOpen(open: boolean): void;
  /** Progress of what has been let through while the gate was not open. */
  passed(): number;
  /** Takes `progress` as what has been seen: used after the gate stood open. */
  setPassed(progress: number): void;
}

/** Makes a gate. Frames that are no document frames (presence, acknowledgements, step 1) always pass. */
export function createGate(): Gate {
  const held: { progress: number; deliver: () => void }[] = [];
  let allowed = 0;
  let passed = 0;
  let open = true;

  const release = (): void => {
    for (let front = held[0]; front && (open || passed + front.progress <= allowed); front = held[0]) {
      held.shift();
      passed += front.progress;
      front.deliver();
    }
  };

  class GatedSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols);
      let listener: WebSocket['onmessage'] = null;
      // the provider sets its listener as a property; what passes the gate reaches it
      Object.defineProperty(this, 'onmessage', {
        get: () => listener,
        set: (given: WebSocket['onmessage']) => {
          listener = given;
        },
      });
      this.addEventListener('message', (event) => {
        const deliver = (): void => listener?.call(this, event);
        const decoder = decoding.createDecoder(new Uint8Array(event.data as ArrayBuffer));
        if (decoding.readVarUint(decoder) !== MESSAGE_SYNC || decoding.readVarUint(decoder) === SYNC_STEP_1) {
          deliver();
          return;
        }
        held.push({ progress: open ? 0 : progressOf(decoding.readVarUint8Array(decoder)), deliver });
        release();
      });
    }
  }

  return {
    WebSocketImpl: GatedSocket as unknown as typeof globalThis.WebSocket,
    allow(progress) {
      allowed = progress;
      release();
    },
    setOpen(value) {
      open = value;
      release();
    },
    passed: () => passed,
    setPassed(progress) {
      passed = progress;
    },
  };
}
