import type { Code, DeviceId, DocId, Result } from '@lianban/model';
import { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Clock, DocStore, Random, Timers } from '../ports.ts';
import { newClientId } from './client-id.ts';
import { bindDoc } from './doc-binding.ts';
import { openDoorLink, type DoorLink, type LinkStatus } from './door-link.ts';
import type { PresentUser } from './presence.ts';

/** How the documents of one account reach their relay. */
export interface DoorAccess {
  device: DeviceId;
  /** `ws(s)://<relay>/yjs`. */
  serverUrl: string;
  token: (docId: DocId) => Promise<Result<string>>;
  WebSocketImpl: typeof WebSocket;
  visible: () => boolean;
}

/** What a shared document is made of. */
export interface SharedDocOptions {
  docId: DocId;
  store: DocStore;
  door: DoorAccess;
  /** Who is shown as present; null for a document that is only carried, not looked at. */
  user: PresentUser | null;
  /** Name of the channel to the other tabs of this account; null for none. */
  channel: string | null;
  clock: Clock;
  timers: Timers;
  random: Random;
  /** Something that can be read below has changed. */
  onChange?: () => void;
  /** The store refused a write, which is tried again; null once it takes writes again. */
  onFault?: (code: Code | null) => void;
}

/** One document, open: in memory, in the store and on its way to the relay. */
export interface SharedDoc {
  readonly docId: DocId;
  readonly doc: Y.Doc;
  readonly awareness: Awareness;
  status(): LinkStatus;
  /** Changes that wait for an acknowledgement, without those the relay refused. */
  waiting(): number;
  refused(): number;
  /** True once the store held something or the relay has answered in this session. */
  loaded(): boolean;
  /** True when somebody else used this session's client id: nothing typed here can be sent until it is opened anew. */
  stale(): boolean;
  /** Resolves when everything up to now has been written; false when the store refused it. */
  flush(): Promise<boolean>;
  /** Counts anew, after another tab or a background session has sent something of this document. */
  recount(): Promise<void>;
  tryNow(): void;
  /** Writes what is left and ends. */
  close(): Promise<void>;
}

/**
 * Opens a document: reads it from the store, gives it a client id that was never used, ties it to the store and then to
 * the relay, in this order. Nothing here depends on a host: the store, the socket, time and chance come in.
 */
export async function openSharedDoc(options: SharedDocOptions): Promise<SharedDoc> {
  const { docId, store, door, user, clock, timers, random } = options;
  const doc = new Y.Doc({ guid: docId });
  const clientId = newClientId(random);
  // before presence and bindings: set later, carets and editor bindings break
  doc.clientID = clientId;
  let link: DoorLink | null = null;
  let found = false;
  let answered = false;
  let stale = false;
  const changed = () => options.onChange?.();

  const binding = await bindDoc({
    docId,
    doc,
    store,
    clock,
    timers,
    random,
    isLink: (origin) => link?.isOrigin(origin) ?? false,
    siblings: () => link?.nearby() ?? [],
    onChange: changed,
    onFault: (code) => options.onFault?.(code),
  });
  found = binding.found;
  const awareness = new Awareness(doc);
  awareness.setLocalState(user === null ? null : { user });
  // Yjs draws another id when a remote change carries this one
  doc.on('afterTransactionCleanup', () => {
    if (doc.clientID === clientId || stale) return;
    stale = true;
    changed();
  });

  link = openDoorLink({
    docId,
    doc,
    awareness,
    device: door.device,
    serverUrl: door.serverUrl,
    channel: options.channel,
    token: () => door.token(docId),
    WebSocketImpl: door.WebSocketImpl,
    unsent: binding,
    onStatus(status) {
      if (status.at === 'open' && status.synced) answered = true;
      changed();
    },
    visible: door.visible,
    clock,
    timers,
    random,
  });
  const opened = link;
  opened.start();

  return {
    docId,
    doc,
    awareness,
    status: () => opened.status(),
    waiting: () => binding.counts().waiting,
    refused: () => binding.counts().refused,
    loaded: () => found || answered,
    stale: () => stale,
    flush: () => binding.flush(),
    async recount() {
      await binding.prune();
    },
    tryNow: () => opened.tryNow(),
    async close() {
      const written = binding.close();
      opened.close();
      await written;
      doc.destroy();
    },
  };
}
