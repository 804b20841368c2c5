import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { fromDoc } from './from-doc.svelte.ts';

function effect(run: () => void): () => void {
  const stop = $effect.root(() => {
    $effect(run);
  });
  flushSync();
  return stop;
}

describe('a bridge from a shared type', () => {
  it('runs its readers again after a change, nested ones included', () => {
    const doc = new Y.Doc();
    const list = doc.getArray<Y.Map<number>>('list');
    const live = fromDoc(list, () => list.toJSON() as unknown[]);
    const seen: unknown[] = [];
    const stop = effect(() => {
      seen.push(live.current);
    });
    list.push([new Y.Map([['n', 1]])]);
    flushSync();
    list.get(0).set('n', 2);
    flushSync();
    expect(seen).toEqual([[], [{ n: 1 }], [{ n: 2 }]]);
    stop();
  });

  it('gives the same object until something changed', () => {
    const doc = new Y.Doc();
    const list = doc.getArray('list');
    list.push([{ a: 1 }]);
    const live = fromDoc(list, () => list.toJSON() as unknown[]);
    const first = live.current;
    expect(live.current).toBe(first);
    doc.transact(() => {
      list.delete(0, 1);
      list.push([{ a: 1 }]);
    });
    expect(live.current).toBe(first);
    list.push([{ a: 2 }]);
    expect(live.current).not.toBe(first);
  });

  it('listens only while something reads', () => {
    let listeners = 0;
    const live = fromDoc(
      () => {
        listeners += 1;
        return () => {
          listeners -= 1;
        };
      },
      () => 1,
    );
    expect(live.current).toBe(1);
    expect(listeners).toBe(0);
    const stop = effect(() => {
      void live.current;
    });
    expect(listeners).toBe(1);
    stop();
    flushSync();
    return Promise.resolve().then(() => {
      expect(listeners).toBe(0);
    });
  });

  it('reads afresh outside an effect, also after its last listener has gone', async () => {
    const doc = new Y.Doc();
    const list = doc.getArray<number>('list');
    const live = fromDoc(list, () => list.toArray());
    const stop = effect(() => {
      void live.current;
    });
    stop();
    await Promise.resolve();
    list.push([1]);
    expect(live.current).toEqual([1]);
  });
});
