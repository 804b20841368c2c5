import { accept, refuse, type DeviceId, type PersonId, type Result } from '@lianban/model';

/** Devices one person may have used; each new browser profile is one. */
const MAX_PER_PERSON = 1_000;

/** Whose each device is: the person's who first used it, for good. */
export interface Devices {
  /**
   * Takes a device for a person, in memory: the commit that follows stores it, or the next one does. Refuses with
   * `forbidden` when it is another's and with `too-many` above 1,000 devices of one person.
   */
  claim(device: DeviceId, person: PersonId): Result<true>;
  /** The same, and on the disk when the promise resolves. Throws `store-failed`. */
  bind(device: DeviceId, person: PersonId): Promise<Result<true>>;
  /** A commit has stored these. */
  stored(devices: Iterable<DeviceId>): void;
}

/** The devices that a log already holds; `store` keeps a new one, in a commit of its own. */
export function createDevices(
  known: readonly { device: DeviceId; person: PersonId }[],
  store: (device: DeviceId, person: PersonId) => Promise<void>,
): Devices {
  const owners = new Map<DeviceId, PersonId>();
  const unstored = new Set<DeviceId>();
  const counts = new Map<PersonId, number>();
  const add = (device: DeviceId, person: PersonId): void => {
    owners.set(device, person);
    counts.set(person, (counts.get(person) ?? 0) + 1);
  };
  for (const { device, person } of known) add(device, person);

  const claim = (device: DeviceId, person: PersonId): Result<true> => {
    const owner = owners.get(device);
    if (owner === person) return accept(true);
    if (owner !== undefined) return refuse('forbidden', 'a device of another person');
    if ((counts.get(person) ?? 0) >= MAX_PER_PERSON) return refuse('too-many', 'too many devices of one person');
    add(device, person);
    unstored.add(device);
    return accept(true);
  };

  return {
    claim,
    bind: async (device, person) => {
      const claimed = claim(device, person);
      if (!claimed.ok || !unstored.has(device)) return claimed;
      await store(device, person);
      unstored.delete(device);
      return claimed;
    },
    stored: (devices) => {
      for (const device of devices) unstored.delete(device);
    },
  };
}
