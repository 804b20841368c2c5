import type { Random } from '@lianban/model';

/** Randomness of the browser. */
export const browserRandom: Random = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) };
