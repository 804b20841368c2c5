import type { Random } from '@lianban/model';
import { MAX_CLIENT_ID } from '../wire/limits.ts';

/**
 * A Yjs client id that was never used before: 53 random bits, never 0. One for each opened Y.Doc, set before presence
 * and any editor binding is made.
 */
export function newClientId(random: Random): number {
  const bytes = random.bytes(7);
  let id = (bytes[0] ?? 0) & 0x1f;
  for (const byte of bytes.subarray(1)) id = id * 256 + byte;
  return id === 0 ? MAX_CLIENT_ID : id;
}

/** Names a change for ever: 128 random bits, hex. */
export function newMessageId(random: Random): string {
  let hex = '';
  for (const byte of random.bytes(16)) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
