import * as Y from 'yjs';

/** One replacement in a text: at `index`, `remove` code units go and `insert` comes. */
export interface TextChange {
  index: number;
  remove: number;
  insert: string;
}

/** A run of a Yjs text event. */
export type TextDelta = readonly { retain?: number; insert?: unknown; delete?: number }[];

/**
 * The one replacement that turns `before` into `after`, or null. Among equal ones the one that ends at the caret is
 * taken, so that a letter typed into a run of the same letter goes where it was typed. Never splits a surrogate pair.
 */
export function textDiff(before: string, after: string, caret = after.length): TextChange | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  // what stands behind the caret was not typed now
  const limit = Math.min(shorter, Math.max(0, after.length - caret));
  let tail = 0;
  while (tail < limit && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  let head = 0;
  while (head < shorter - tail && before[head] === after[head]) head += 1;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  if (head > 0 && isHigh(before, head - 1)) head -= 1;
  if (tail > 0 && isLow(before, before.length - tail)) tail -= 1;
  return { index: head, remove: before.length - head - tail, insert: after.slice(head, after.length - tail) };
}

/**
 * Where `index` lies after a remote change. At the place of an insertion it stays before it, or goes behind it when
 * `after` is set.
 */
export function mapIndex(index: number, delta: TextDelta, after = false): number {
  let at = 0;
  let mapped = index;
  for (const run of delta) {
    if (run.retain !== undefined) at += run.retain;
    else if (run.delete !== undefined) {
      mapped -= Math.min(run.delete, Math.max(0, mapped - at));
    } else if (typeof run.insert === 'string') {
      if (at < mapped || (after && at === mapped)) mapped += run.insert.length;
      at += run.insert.length;
    }
    if (at > mapped) break;
  }
  return mapped;
}

/**
 * Binds a text area to a shared text. Local input is sent as the smallest change; a remote change moves the caret along.
 * While an input method composes, nothing is sent and nothing is written into the field; both happen when it ends.
 * Undo is of one's own changes only. Returns what ends the binding.
 */
export function bindText(area: HTMLTextAreaElement, text: Y.Text, origin: object = {}): () => void {
  let shown = text.toString();
  let composing = false;
  const waiting: TextDelta[] = [];
  const undo = new Y.UndoManager(text, { trackedOrigins: new Set([origin]) });
  area.value = shown;

  const send = () => {
    const change = textDiff(shown, area.value, area.selectionEnd);
    shown = area.value;
    if (!change) return;
    const through = (index: number, after: boolean) => waiting.reduce((at, delta) => mapIndex(at, delta, after), index);
    const from = through(change.index, change.remove > 0);
    const to = Math.max(from, through(change.index + change.remove, false));
    write(text, { index: from, remove: to - from, insert: change.insert }, origin);
  };

  const input = () => {
    if (!composing) send();
  };
  const begin = () => {
    composing = true;
  };
  const end = () => {
    if (!composing) return;
    composing = false;
    const caret = area.selectionEnd;
    send();
    if (waiting.length > 0) {
      show(waiting.reduce((at, delta) => mapIndex(at, delta), caret));
      waiting.length = 0;
    }
  };

  const show = (start: number, finish = start) => {
    shown = text.toString();
    if (area.value === shown) return;
    const focused = area.ownerDocument.activeElement === area;
    const { scrollTop } = area;
    area.value = shown;
    if (focused) area.setSelectionRange(start, finish);
    area.scrollTop = scrollTop;
  };

  const observe = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    if (transaction.origin === origin) return;
    const delta = event.delta as TextDelta;
    if (composing) {
      waiting.push(delta);
      return;
    }
    const own = transaction.origin === undo;
    const end = own ? endOf(delta) : undefined;
    show(end ?? mapIndex(area.selectionStart, delta), end ?? mapIndex(area.selectionEnd, delta));
  };

  const keydown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229 || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    event.preventDefault();
    if (key === 'y' || event.shiftKey) undo.redo();
    else undo.undo();
  };

  area.addEventListener('input', input);
  area.addEventListener('compositionstart', begin);
  area.addEventListener('compositionend', end);
  area.addEventListener('blur', end);
  area.addEventListener('keydown', keydown);
  text.observe(observe);
  return () => {
    end();
    area.removeEventListener('input', input);
    area.removeEventListener('compositionstart', begin);
    area.removeEventListener('compositionend', end);
    area.removeEventListener('blur', end);
    area.removeEventListener('keydown', keydown);
    text.unobserve(observe);
    undo.destroy();
  };
}

function write(text: Y.Text, change: TextChange, origin: object): void {
  text.doc?.transact(() => {
    if (change.remove > 0) text.delete(change.index, change.remove);
    if (change.insert !== '') text.insert(change.index, change.insert);
  }, origin);
}

/** End of the last run that a change inserted, or the place of its last deletion. */
function endOf(delta: TextDelta): number {
  let at = 0;
  let end = 0;
  for (const run of delta) {
    if (run.retain !== undefined) at += run.retain;
    else if (typeof run.insert === 'string') end = at += run.insert.length;
    else end = at;
  }
  return end;
}

function isHigh(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xd800 && code <= 0xdbff;
}

function isLow(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
