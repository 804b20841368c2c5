import { accept, refuse, type DeviceId, type PersonId, type Result } from '@lianban/model';

/** Whose each device is: the person's who first used it, for good. */
export interface Devices {
  ownerOf(device: DeviceId): PersonId | undefined;
  /** A commit has stored that the device is this person's. A known device keeps its person. */
  learn(device: DeviceId, person: PersonId): void;
  /** Takes a device for a person or refuses with `forbidden` when it is another's. */
  claim(device: DeviceId, person: PersonId): Result<true>;
}

/** The devices that a log already holds. */
export function createDevices(known: readonly { device: DeviceId; person: PersonId }[]): Devices {
  const owners = new Map(known.map(({ device, person }) => [device, person]));
  const learn = (device: DeviceId, person: PersonId): void => {
    if (!owners.has(device)) owners.set(device, person);
  };
  return {
    ownerOf: (device) => owners.get(device),
    learn,
    claim: (device, person) => {
      learn(device, person);
      return owners.get(device) === person ? accept(true) : refuse('forbidden', 'a device of another person');
    },
  };
}
