import { createHash } from 'node:crypto';
import type { Random } from '@lianban/model';

/** Bytes that are the same at every load of the same seed: the demo names the same cases on every machine. */
export function seededRandom(seed: string): Random {
  let round = 0;
  let pool = new Uint8Array();
  return {
    bytes: (length) => {
      while (pool.length < length) {
        pool = Uint8Array.from([...pool, ...createHash('sha256').update(`${seed} ${round++}`).digest()]);
      }
      const drawn = pool.slice(0, length);
      pool = pool.slice(length);
      return drawn;
    },
  };
}
