import type { Code } from '@lianban/model';
import { INITIAL_LINK, nextTickMs, reduceLink, type Clock, type LinkInput, type Timers } from '@lianban/sync';
import { createCell, type Cell } from './cell.ts';
import type { SyncView } from './workspace.ts';

type Untimed = LinkInput extends infer Input
  ? Input extends LinkInput
    ? Omit<Input, 'atMs' | 'wallMs'>
    : never
  : never;

/** The state of the line in this tab: what happened goes in, what the sync line says comes out. */
export interface Line {
  readonly view: Cell<SyncView>;
  happened(input: Untimed): void;
  /** The relay took something of this device. */
  sent(atMs: number): void;
  nextTry(atMs: number | null): void;
  storage(state: 'ok' | 'full' | 'broken', detail: { freeBytes: number | null; fault: Code | null }): void;
  /** False from the first miss on. */
  inReach(): boolean;
  close(): void;
}

/** Drives the pure state of the line with this tab's clock and timers. */
export function createLine({ clock, timers }: { clock: Clock; timers: Timers }): Line {
  let facts = INITIAL_LINK;
  let lastSentAtMs: number | null = null;
  let nextTryAtMs: number | null = null;
  let storage: SyncView['storage'] = { freeBytes: null, fault: null };
  let cancel: (() => void) | null = null;
  let shown = '';
  const view = createCell<SyncView>(snapshot());

  return {
    view,
    happened(input) {
      apply({
        ...input,
        atMs: clock.monotonicMs(),
        ...(input.type === 'missed' ? { wallMs: clock.nowMs() } : {}),
      } as LinkInput);
    },
    sent(atMs) {
      lastSentAtMs = atMs;
      show();
    },
    nextTry(atMs) {
      nextTryAtMs = atMs;
      show();
    },
    storage(state, detail) {
      storage = detail;
      apply({ type: 'storage', state, atMs: clock.monotonicMs() });
    },
    inReach: () => facts.lostAtMs === null,
    close: () => cancel?.(),
  };

  function apply(input: LinkInput): void {
    facts = reduceLink(facts, input);
    cancel?.();
    const dueMs = nextTickMs(facts, input.atMs);
    cancel =
      dueMs === null
        ? null
        : timers.after(dueMs - input.atMs, () => apply({ type: 'tick', atMs: Math.max(dueMs, clock.monotonicMs()) }));
    show();
  }

  function show(): void {
    const next = snapshot();
    const text = JSON.stringify(next);
    if (text === shown) return;
    shown = text;
    view.set(next);
  }

  function snapshot(): SyncView {
    return {
      state: facts.shown,
      unsent: facts.unsent,
      refused: facts.refused,
      lostSinceMs: facts.lostSinceWallMs,
      catchingUp: facts.catchingUp,
      lastSentAtMs,
      nextTryAtMs: facts.lostAtMs === null ? null : nextTryAtMs,
      storage,
    };
  }
}
