import { DeviceId, PersonId } from '@lianban/model';
import { describe, expect, it } from 'vitest';
import { createDevices } from './devices.ts';

const [li, an] = ['li@990121', 'an@990121'].map((id) => PersonId.parse(id)) as [PersonId, PersonId];
const device = (n: number): DeviceId => DeviceId.parse(n.toString(16).padStart(32, '0'));

describe('devices', () => {
  it('belong to the person who first used them, as stored or as claimed', () => {
    const devices = createDevices([{ device: device(1), person: li }], () => Promise.resolve());
    expect(devices.claim(device(1), an)).toMatchObject({ code: 'forbidden' });
    expect(devices.claim(device(2), an)).toMatchObject({ ok: true });
    expect(devices.claim(device(2), li)).toMatchObject({ code: 'forbidden' });
  });

  it('are stored by binding, once, unless a commit of an entry did it', async () => {
    const stored: DeviceId[] = [];
    const devices = createDevices([{ device: device(1), person: li }], (one) => {
      stored.push(one);
      return Promise.resolve();
    });
    await devices.bind(device(1), li);
    expect(stored).toEqual([]);
    await devices.bind(device(2), li);
    await devices.bind(device(2), li);
    expect(stored).toEqual([device(2)]);
    devices.claim(device(3), li);
    devices.stored([device(3)]);
    await devices.bind(device(3), li);
    expect(await devices.bind(device(3), an)).toMatchObject({ code: 'forbidden' });
    expect(stored).toEqual([device(2)]);
  });

  it('are not bound while the store fails, and stay with who tried', async () => {
    let isFull = true;
    const devices = createDevices([], () =>
      isFull ? Promise.reject(new Error('the disk is full')) : Promise.resolve(),
    );
    await expect(devices.bind(device(1), li)).rejects.toThrow('full');
    isFull = false;
    expect(await devices.bind(device(1), an)).toMatchObject({ code: 'forbidden' });
    expect(await devices.bind(device(1), li)).toMatchObject({ ok: true });
  });

  it('are at most 1,000 of one person', () => {
    const devices = createDevices([{ device: device(0), person: li }], () => Promise.resolve());
    for (let n = 1; n < 1000; n++) expect(devices.claim(device(n), li).ok).toBe(true);
    expect(devices.claim(device(1000), li)).toMatchObject({ code: 'too-many' });
    expect(devices.claim(device(5), li).ok).toBe(true);
    expect(devices.claim(device(1000), an).ok).toBe(true);
  });
});
