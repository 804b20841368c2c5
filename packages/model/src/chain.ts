import type { DeviceId, EntryId } from './ids.ts';
import type { VerifiedEntry } from './seal.ts';

/** Last entry of one device in one case. */
export interface DeviceHead {
  dseq: number;
  id: EntryId;
}

/** Where an entry stands in its device's chain. */
export type ChainPlace = 'next' | 'known' | 'gap' | 'fork';

/**
 * Decides whether an entry continues its device's chain in this case. `known` when exactly this entry was stored,
 * `gap` when earlier ones are missing, `fork` when another entry stands in its place or before it.
 */
export function chainPlace(
  entry: VerifiedEntry,
  head: DeviceHead | undefined,
  storedAt: (device: DeviceId, dseq: number) => EntryId | undefined,
): ChainPlace {
  const { dseq, prev, device } = entry.entry;
  const last = head?.dseq ?? 0;
  if (dseq <= last) return storedAt(device, dseq) === entry.id ? 'known' : 'fork';
  if (dseq > last + 1) return 'gap';
  return prev === head?.id ? 'next' : 'fork';
}

/** Heads of a set of entries: those that no other names in `deps` or `prev`; at most 16, the greatest ids first. */
export function headsOf(entries: readonly VerifiedEntry[]): EntryId[] {
  const named = new Set<EntryId>();
  for (const { entry } of entries) {
    for (const dep of entry.deps) named.add(dep);
    if (entry.prev !== undefined) named.add(entry.prev);
  }
  return entries
    .map((entry) => entry.id)
    .filter((id) => !named.has(id))
    .sort()
    .reverse()
    .slice(0, 16);
}
