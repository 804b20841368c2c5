import { equalityDeep } from 'lib0/function';
import { createSubscriber } from 'svelte/reactivity';
import type * as Y from 'yjs';
import type { Live } from '../workspace/workspace.ts';

/** What a bridge listens to: a shared type, or anything that calls back after a change. */
export type Source = Observable | ((changed: () => void) => () => void);

/** What a bridge needs of a shared type. */
type Observable = Pick<Y.AbstractType<never>, 'observeDeep' | 'unobserveDeep'>;

/**
 * A snapshot of a shared type that components can read. `read` returns plain data and is called at most once per change;
 * `current` stays the same object while an equal snapshot comes back. The listener lives only while an effect or a
 * component reads.
 */
export function fromDoc<T>(source: Source, read: () => T): Live<T> {
  let last: { value: T } | undefined;
  // outside an effect nobody tells of changes, so a reading there is never taken for fresh
  let fresh = false;
  const subscribe = createSubscriber((update) => {
    const changed = () => {
      fresh = false;
      update();
    };
    fresh = false;
    const stop = listen(source, changed);
    return () => {
      fresh = false;
      listening = false;
      stop();
    };
  });
  let listening = false;

  return {
    get current(): T {
      if ($effect.tracking()) {
        subscribe();
        listening = true;
      }
      if (last === undefined || !fresh) {
        const value = read();
        if (last === undefined || !equalityDeep(last.value, value)) last = { value };
        fresh = listening;
      }
      return last.value;
    },
  };
}

function listen(source: Source, changed: () => void): () => void {
  if (typeof source === 'function') return source(changed);
  source.observeDeep(changed);
  return () => source.unobserveDeep(changed);
}
