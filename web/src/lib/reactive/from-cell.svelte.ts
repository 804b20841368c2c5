import { createSubscriber } from 'svelte/reactivity';
import type { Live } from '../workspace/workspace.ts';

/** Anything that holds a value and tells when it was replaced. */
export interface Readable<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** A cell that components can read. The listener lives only while an effect or a component reads. */
export function fromCell<T>(cell: Readable<T>): Live<T> {
  const subscribe = createSubscriber((update) => cell.subscribe(update));
  return {
    get current() {
      subscribe();
      return cell.get();
    },
  };
}
