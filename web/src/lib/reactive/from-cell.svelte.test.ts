import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { createCell } from '../workspace/cell.ts';
import { fromCell } from './from-cell.svelte.ts';

describe('a bridge from a cell', () => {
  it('runs its readers again when the value is replaced, and stops listening with the last of them', async () => {
    const cell = createCell(1);
    let listeners = 0;
    const live = fromCell({
      get: () => cell.get(),
      subscribe(listener) {
        listeners += 1;
        const stop = cell.subscribe(listener);
        return () => {
          listeners -= 1;
          stop();
        };
      },
    });
    const seen: number[] = [];
    const stop = $effect.root(() => {
      $effect(() => {
        seen.push(live.current);
      });
    });
    flushSync();
    cell.set(2);
    flushSync();
    cell.set(2);
    flushSync();
    expect(seen).toEqual([1, 2]);
    expect(listeners).toBe(1);
    stop();
    await Promise.resolve();
    expect(listeners).toBe(0);
    cell.set(3);
    expect(live.current).toBe(3);
  });
});
