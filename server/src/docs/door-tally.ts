import type { Code } from '@lianban/model';

/** Where the door writes what an operator should see; a pino logger is one. Tokens and content are never written. */
export interface DoorLog {
  warn(detail: object, message: string): void;
  error(detail: object, message: string): void;
}

/** What the door counts since it was made, for `/metrics`. */
export interface DoorTally {
  /** Sockets that came in. */
  opened: number;
  /** Frames read. */
  frames: number;
  /** Updates committed. */
  stored: number;
  /** Live update frames handed to sockets; several updates of one turn are one frame. */
  told: number;
  /** Step 1 frames answered. */
  joined: number;
  /** Updates set aside: equivocation, unreadable, too deep. */
  quarantined: number;
  compactions: number;
  failedCompactions: number;
  /** Sockets closed by the relay and changes refused, by code. */
  readonly refused: Map<Code, number>;
}

/** A tally of nothing. */
export function createDoorTally(): DoorTally {
  return {
    opened: 0,
    frames: 0,
    stored: 0,
    told: 0,
    joined: 0,
    quarantined: 0,
    compactions: 0,
    failedCompactions: 0,
    refused: new Map(),
  };
}
