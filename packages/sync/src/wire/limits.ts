/** Largest frame before a session is known, bytes: a token and a hello fit (reliability B6). */
export const MAX_FRAME_BYTES_BEFORE_AUTH = 4 * 1024;
/** Largest frame of a known session, bytes. A snapshot larger than this travels in no single frame from a client. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/**
 * Largest Yjs update of one frame, bytes: 1.3 million Chinese characters, because a stock link sends an outage in one
 * piece and what it cannot send stays behind. Bounds what one check can cost. The relay's operator may not raise it.
 */
export const MAX_UPDATE_BYTES = MAX_FRAME_BYTES - 64;
/** Most structs in one update. */
export const MAX_UPDATE_STRUCTS = 100_000;
/** Deepest nesting of types inside one update and inside a document: receivers walk it recursively. */
export const MAX_NESTING = 64;
/** Largest presence state of one client, bytes of JSON. */
export const MAX_PRESENCE_BYTES = 2 * 1024;
/** Largest client id: 53 random bits stay exact in a double. */
export const MAX_CLIENT_ID = Number.MAX_SAFE_INTEGER;
/** Most client ids that one announcement may carry: a device's unsent sessions of one document. */
export const MAX_ANNOUNCED_IDS = 4096;
/** Most client ids of one document that one device or session may hold: each makes everybody's state vector longer. */
export const MAX_IDS_PER_HOLDER = 4096;
/** A stock client gives a line up after 30 s of silence, so the relay is never silent that long, ms. */
export const KEEPALIVE_MS = 15_000;
