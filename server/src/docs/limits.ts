import type { Rate } from './rate-limit.ts';

/** Limits of the stock door that an operator or a benchmark may set; the others are constants beside what they limit. */
export interface DoorLimits {
  /** Frames of one connection; above it the socket is read more slowly (reliability B6). */
  readonly messages: Rate;
  /** Bytes of one connection, the same way. */
  readonly bytes: Rate;
  /** Presence updates of one connection; above it only the newest is kept. */
  readonly presence: Rate;
  /** Sockets of this process: 2,000 people with two documents open. */
  readonly maxSockets: number;
}

/** The defaults of reliability B6. */
export const DOOR_LIMITS: DoorLimits = {
  messages: { perSecond: 5_000, burst: 50_000 },
  bytes: { perSecond: 512 * 1024, burst: 4 * 1024 * 1024 },
  presence: { perSecond: 10, burst: 10 },
  maxSockets: 4000,
};
