/** First ceiling between two attempts, ms. */
export const BACKOFF_START_MS = 500;
/** Ceiling while somebody looks at the page, ms. */
export const BACKOFF_VISIBLE_MS = 8_000;
/** Ceiling while nobody does, ms. */
export const BACKOFF_HIDDEN_MS = 5 * 60_000;
/** What each failure multiplies the ceiling by. */
const FACTOR = 1.6;

/**
 * Delay before attempt `attempt` (1 is the first after a loss), in ms, 0 to the ceiling: full jitter, so that a crowd
 * that lost its relay together does not come back together. `draw` is uniform in [0, 1).
 */
export function backoffMs(attempt: number, visible: boolean, draw: number): number {
  const ceiling = Math.min(
    BACKOFF_START_MS * FACTOR ** Math.max(0, attempt - 1),
    visible ? BACKOFF_VISIBLE_MS : BACKOFF_HIDDEN_MS,
  );
  return Math.round(draw * ceiling);
}
