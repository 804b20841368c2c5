import { DocumentNumber, PersonId, type Random } from '@lianban/model';
import * as Y from 'yjs';
import * as z from 'zod/mini';

/** Origin of the transactions that comment: made here, to be stored and sent. */
export const TALK_ORIGIN = 'talk';

/** One comment; `at` is its author's device time, ms. */
export interface Comment {
  id: string;
  person: PersonId;
  at: number;
  text: string;
  mentions: PersonId[];
}

/** A thread: on a passage of a document, on a document, or on the case as a whole. */
export interface Thread {
  id: string;
  /** Number of the document; null for the case. */
  document: DocumentNumber | null;
  /** Encoded `Y.RelativePosition`s of the passage's start and end; null where there is no passage. */
  anchor: { start: Uint8Array; end: Uint8Array } | null;
  /** The passage as it read then, at most 200 characters. */
  quote: string;
  /** Who resolved it and when; null while it is open. */
  resolved: { person: PersonId; at: number } | null;
  /** Oldest first. */
  comments: Comment[];
}

const bytes = z.instanceof(Uint8Array<ArrayBufferLike>);
const WrittenComment = z.object({
  id: z.string(),
  person: PersonId,
  at: z.number(),
  text: z.string(),
  mentions: z.array(PersonId),
});
const WrittenHead = z.object({
  id: z.string(),
  document: z.nullable(DocumentNumber),
  anchor: z.nullable(z.object({ start: bytes, end: bytes })),
  quote: z.string(),
});
const WrittenResolution = z.object({ done: z.boolean(), person: PersonId, at: z.number() });

/** The root array of threads, to observe deeply. */
export function threadsRoot(doc: Y.Doc): Y.Array<Y.Map<unknown>> {
  return doc.getArray('threads');
}

/** Threads of a case in the order in which they were begun. What cannot be read is left where it is and not listed. */
export function readThreads(doc: Y.Doc): Thread[] {
  const threads: Thread[] = [];
  for (const map of threadsRoot(doc)) {
    if (!(map instanceof Y.Map)) continue;
    const head = WrittenHead.safeParse(map.get('head'));
    const list = map.get('comments');
    const resolutions = map.get('resolutions');
    if (!head.success || !(list instanceof Y.Array)) continue;
    const comments = readAll(list, WrittenComment);
    if (comments.length === 0) continue;
    const last = resolutions instanceof Y.Array ? readAll(resolutions, WrittenResolution).at(-1) : undefined;
    threads.push({
      ...head.data,
      resolved: last?.done ? { person: last.person, at: last.at } : null,
      comments,
    });
  }
  return threads;
}

/** Begins a thread and returns its id. */
export function beginThread(
  doc: Y.Doc,
  head: { document: DocumentNumber | null; anchor: Thread['anchor']; quote: string },
  first: Omit<Comment, 'id'>,
  random: Random,
): string {
  const id = shortId(random);
  doc.transact(() => {
    const map = new Y.Map<unknown>();
    map.set('head', { id, ...head, quote: head.quote.slice(0, 200) });
    map.set('comments', Y.Array.from([{ id: shortId(random), ...first }]));
    map.set('resolutions', new Y.Array());
    threadsRoot(doc).push([map]);
  }, TALK_ORIGIN);
  return id;
}

/** Answers in a thread; false where the thread is not here. */
export function answerThread(doc: Y.Doc, threadId: string, comment: Omit<Comment, 'id'>, random: Random): boolean {
  return withThread(doc, threadId, 'comments', (list) => list.push([{ id: shortId(random), ...comment }]));
}

/** Resolves a thread or opens it again; false where the thread is not here. The last to say so wins. */
export function resolveThread(doc: Y.Doc, threadId: string, done: boolean, person: PersonId, atMs: number): boolean {
  return withThread(doc, threadId, 'resolutions', (list) => list.push([{ done, person, at: atMs }]));
}

function withThread(doc: Y.Doc, threadId: string, member: string, change: (list: Y.Array<unknown>) => void): boolean {
  for (const map of threadsRoot(doc)) {
    if (!(map instanceof Y.Map)) continue;
    const head = WrittenHead.safeParse(map.get('head'));
    const list = map.get(member);
    if (!head.success || head.data.id !== threadId || !(list instanceof Y.Array)) continue;
    doc.transact(() => change(list), TALK_ORIGIN);
    return true;
  }
  return false;
}

function readAll<T>(
  list: Y.Array<unknown>,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
): T[] {
  const items: T[] = [];
  for (const value of list) {
    const parsed = schema.safeParse(value);
    if (parsed.success) items.push(parsed.data);
  }
  return items;
}

/** 80 random bits in hex: enough for the threads of one case. */
function shortId(random: Random): string {
  let hex = '';
  for (const byte of random.bytes(10)) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
