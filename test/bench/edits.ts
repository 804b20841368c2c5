import { seededRandom } from '@lianban/sync/testing';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { hasTrace, readTrace } from '../support/traces.ts';

/** One person's writing: an update for each edit, and what it comes to. */
export interface Writing {
  readonly clientId: number;
  readonly updates: readonly Uint8Array[];
  /** Of the document before and after. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly text: string;
}

/** The root every document kind of the relay allows text in. */
const ROOT = 'default';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz ,。联办事项';

/**
 * Typing, one character an edit: runs of about forty, then a jump. With `deletions` one edit in eight takes the last
 * character back; without, every edit moves the clock by exactly one, so that edits can be counted on the wire.
 * The same seed gives the same bytes.
 */
export function typeSeeded(
  count: number,
  options: { seed: number; clientId: number; on?: Uint8Array; deletions?: boolean },
): Writing {
  const { seed, clientId, on, deletions = false } = options;
  const random = seededRandom(seed);
  const doc = new Y.Doc();
  doc.clientID = clientId;
  if (on) Y.applyUpdate(doc, on);
  const before = Y.encodeStateVector(doc);
  const text = doc.getText(ROOT);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  let at = text.length;
  let left = 40;
  for (let i = 0; i < count; i++) {
    if (deletions && at > 0 && random.chance(1 / 8)) {
      text.delete(--at, 1);
    } else {
      text.insert(at++, LETTERS[random.int(LETTERS.length)] as string);
    }
    if (--left === 0) {
      left = 20 + random.int(40);
      at = random.int(text.length + 1);
    }
  }
  return finish(doc, { clientId, updates, before });
}

/** A long history in chunks of edits: a recorded one where the test data is there, else a seeded one of that length. */
export function longHistory(): Writing & { what: string; edits: number } {
  const name = 'seph-blog1';
  if (!hasTrace(name)) {
    const edits = 137_000;
    const typed = typeSeeded(edits, { seed: 7, clientId: 4_711, deletions: true });
    return { ...typed, updates: inChunks(typed.updates), edits, what: 'seeded' };
  }
  const trace = readTrace(name);
  const doc = new Y.Doc();
  doc.clientID = 4_711;
  const text = doc.getText(ROOT);
  const before = Y.encodeStateVector(doc);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  const CHUNK = 500;
  for (let i = 0; i < trace.txns.length; i += CHUNK) {
    doc.transact(() => {
      for (const { patches } of trace.txns.slice(i, i + CHUNK)) {
        for (const [position, deleted, inserted] of patches) {
          if (deleted > 0) text.delete(position, deleted);
          if (inserted !== '') text.insert(position, inserted);
        }
      }
    });
  }
  return { ...finish(doc, { clientId: 4_711, updates, before }), edits: trace.txns.length, what: name };
}

/** The text that updates come to. */
export function textOf(updates: Iterable<Uint8Array>): string {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  const text = plainText(doc);
  doc.destroy();
  return text;
}

/** A presence update with a caret, as y-prosemirror and Tiptap write it. */
export function caret(clientId: number, clock: number, at: number): Uint8Array {
  const place = { type: null, tname: ROOT, item: { client: clientId, clock: at }, assoc: 0 };
  const state = { user: { name: '李敏 Li Min', color: '#2f6f4f' }, cursor: { anchor: place, head: place } };
  return encoding.encode((to) => {
    encoding.writeVarUint(to, 1);
    encoding.writeVarUint(to, clientId);
    encoding.writeVarUint(to, clock);
    encoding.writeVarString(to, JSON.stringify(state));
  });
}

function finish(doc: Y.Doc, made: Pick<Writing, 'clientId' | 'updates' | 'before'>): Writing {
  const writing = { ...made, after: Y.encodeStateAsUpdate(doc), text: plainText(doc) };
  doc.destroy();
  return writing;
}

function plainText(doc: Y.Doc): string {
  return doc.getText(ROOT).toJSON();
}

function inChunks(updates: readonly Uint8Array[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const doc = new Y.Doc();
  doc.on('update', (update: Uint8Array) => chunks.push(update));
  for (let i = 0; i < updates.length; i += 500) {
    doc.transact(() => {
      for (const update of updates.slice(i, i + 500)) Y.applyUpdate(doc, update);
    });
  }
  return chunks;
}
