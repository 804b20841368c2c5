/** A value that tells when it was replaced. The core keeps its state in cells; bridges give them to components. */
export interface Cell<T> {
  get(): T;
  /** Replaces the value; the same object again is no news. */
  set(next: T): void;
  subscribe(listener: () => void): () => void;
}

/** Makes a cell. Listeners are called in the order they came, after the value has been replaced. */
export function createCell<T>(initial: T): Cell<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      // a function of its own, so that the same listener may subscribe twice
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
}
