import type { Random } from '@lianban/model';
import * as z from 'zod';
import type { Database } from '../db/open.ts';

const Fact = z.object({ value: z.string() });

/** Small facts a relay keeps about itself, by name. */
export interface RelayFacts {
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
}

/** The facts in the relay's file. */
export function relayFacts({ db, writer }: Database): RelayFacts {
  const read = db.prepare('SELECT value FROM relay_fact WHERE name = ?');
  const write = db.prepare(`INSERT INTO relay_fact (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`);
  return {
    get: (name) => {
      const row = read.get(name);
      return row === undefined ? undefined : Fact.parse(row).value;
    },
    set: (name, value) => writer.submit(() => void write.run(name, value)),
  };
}

/** Who this relay is: 64 random bits each for its id and its incarnation, drawn once and kept through restarts. */
export async function readIdentity(facts: RelayFacts, random: Random): Promise<{ id: string; incarnation: string }> {
  const drawn = async (name: string): Promise<string> => {
    const known = facts.get(name);
    if (known !== undefined) return known;
    const value = Buffer.from(random.bytes(8)).toString('hex');
    await facts.set(name, value);
    return value;
  };
  return { id: await drawn('relay-id'), incarnation: await drawn('incarnation') };
}
