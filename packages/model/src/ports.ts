/** Time comes in through this port, so that the simulator can run the real code. */
export interface Clock {
  /** Wall clock, ms since 1970-01-01T00:00Z. May jump; never decides an order. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start that never step back; for durations. */
  monotonicMs(): number;
}

/** Randomness comes in through this port; the host's is cryptographic. */
export interface Random {
  /** `length` random bytes, 1 to 65,536. */
  bytes(length: number): Uint8Array;
}

/** SHA-256 comes in through this port: WebCrypto in browsers and in Node, which is asynchronous. */
export interface Digest {
  /** The 32-byte SHA-256 of `data`. */
  sha256(data: Uint8Array): Promise<Uint8Array>;
}
