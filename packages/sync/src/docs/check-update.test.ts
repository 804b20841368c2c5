import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { MAX_UPDATE_BYTES } from '../wire/limits.ts';
import { checkUpdate } from './check-update.ts';
import { concatUpdates } from './concat-updates.ts';
import { decodeUpdate } from './decode-update.ts';
import { DocState, RangeSet } from './doc-state.ts';
import { isRootAllowed } from './doc-kinds.ts';

function stateOf(...updates: Uint8Array[]): DocState {
  const state = DocState.fromUpdates(updates);
  if (!state.ok) throw new Error(state.detail);
  return state.value;
}

function made(client: number, change: (doc: Y.Doc) => void, base?: Uint8Array): Uint8Array {
  const doc = new Y.Doc();
  if (base) Y.applyUpdate(doc, base);
  const vector = Y.encodeStateVector(doc);
  doc.clientID = client;
  change(doc);
  return Y.encodeStateAsUpdate(doc, vector);
}

function codeOf(update: Uint8Array, state = new DocState(), part: 'doc' | 'file' = 'doc'): string {
  const verdict = checkUpdate(update, state, part);
  return verdict.ok ? verdict.value.kind : verdict.code;
}

/** An update of one client, written by hand: each item is written by `items`. */
function byHand(
  client: number,
  clock: number,
  items: ((encoder: encoding.Encoder) => void)[],
  deletes: number[] = [0],
): Uint8Array {
  return encoding.encode((encoder) => {
    for (const n of [1, items.length, client, clock]) encoding.writeVarUint(encoder, n);
    for (const write of items) write(encoder);
    for (const n of deletes) encoding.writeVarUint(encoder, n);
  });
}

const text = (doc: Y.Doc) => doc.getText('default');
const typed = made(7, (doc) => text(doc).insert(0, 'approve'));

describe('[B2.3] clocks follow on each other', () => {
  it('takes what follows, and knows it afterwards', () => {
    expect(codeOf(typed)).toBe('new');
    expect(stateOf(typed).clockOf(7)).toBe(7);
  });

  it('asks for a sync at a gap and parks nothing', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    text(doc).insert(0, 'a');
    text(doc).insert(1, 'b');
    expect(codeOf(updates[1] as Uint8Array)).toBe('needs-sync');
  });

  it('sends the same clock with other content to the slow path, however it is cut', () => {
    const other = made(7, (doc) => text(doc).insert(0, 'REJECT!'));
    expect(codeOf(other, stateOf(typed))).toBe('overlap');
    expect(codeOf(typed, stateOf(typed))).toBe('overlap');
  });

  it('knows a repeated deletion, and stores a new one though the vector stands still', () => {
    const deletion = made(8, (doc) => text(doc).delete(0, 3), typed);
    const state = stateOf(typed);
    expect(codeOf(deletion, state)).toBe('new');
    expect(codeOf(deletion, stateOf(typed, deletion))).toBe('known');
  });
});

describe('[B2.4] what an item names exists', () => {
  it('asks for a sync where a neighbour is missing', () => {
    expect(codeOf(made(8, (doc) => text(doc).insert(3, 'x'), typed))).toBe('needs-sync');
  });

  it('refuses an item that names itself or a later one of its own client', () => {
    const selfish = byHand(9, 0, [
      (encoder) => {
        encoding.writeUint8(encoder, 0x80 | 4);
        encoding.writeVarUint(encoder, 9);
        encoding.writeVarUint(encoder, 0);
        encoding.writeVarString(encoder, 'x');
      },
    ]);
    expect(codeOf(selfish)).toBe('bad-update');
  });

  it('refuses two clients whose items wait for each other', () => {
    const ring = encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 2);
      for (const [client, target] of [
        [9, 8],
        [8, 9],
      ] as const) {
        for (const n of [1, client, 0]) encoding.writeVarUint(encoder, n);
        encoding.writeUint8(encoder, 0x80 | 4);
        encoding.writeVarUint(encoder, target);
        encoding.writeVarUint(encoder, 0);
        encoding.writeVarString(encoder, 'x');
      }
      encoding.writeVarUint(encoder, 0);
    });
    expect(codeOf(ring)).toBe('bad-update');
  });

  it('takes two sessions of one device that build on each other in one update', () => {
    const first = made(99, (doc) => text(doc).insert(0, 'ab'));
    const second = made(5, (doc) => text(doc).insert(1, 'x'), first);
    const third = made(50, (doc) => text(doc).insert(2, 'y'), Y.mergeUpdates([first, second]));
    expect(codeOf(Y.mergeUpdates([first, second, third]))).toBe('new');
  });

  it('refuses a root that no document of the kind has', () => {
    expect(codeOf(made(3, (doc) => doc.getText('f/phone').insert(0, 'x')))).toBe('bad-update');
    expect(
      codeOf(
        made(3, (doc) => doc.getArray('f/phone').insert(0, ['x'])),
        new DocState(),
        'file',
      ),
    ).toBe('new');
    expect(isRootAllowed('doc', 'defaults')).toBe(false);
  });
});

describe('[B2.5] deletions', () => {
  it('asks for a sync where a deletion names what nobody has sent', () => {
    const orphan = encoding.encode((encoder) => [0, 1, 7, 1, 0, 3].forEach((n) => encoding.writeVarUint(encoder, n)));
    expect(codeOf(orphan)).toBe('needs-sync');
    expect(codeOf(orphan, stateOf(typed))).toBe('new');
  });
});

describe('[B2.6] content', () => {
  it('refuses a sub-document, an old JSON content and a hook', () => {
    expect(codeOf(made(3, (doc) => doc.getMap('meta').set('x', new Y.Doc())))).toBe('bad-update');
    expect(codeOf(made(3, (doc) => doc.getXmlFragment('default').insert(0, [new Y.XmlHook('h') as never])))).toBe(
      'bad-update',
    );
    const root = (encoder: encoding.Encoder, kind: number) => {
      encoding.writeUint8(encoder, kind);
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, 'default');
    };
    const json = byHand(3, 0, [
      (encoder) => (root(encoder, 2), encoding.writeVarUint(encoder, 1), encoding.writeVarString(encoder, '1')),
    ]);
    expect(codeOf(json)).toBe('bad-update');
    const broken = byHand(3, 0, [(encoder) => (root(encoder, 5), encoding.writeVarString(encoder, '{'))]);
    expect(codeOf(broken)).toBe('bad-update');
  });

  it('refuses text that is not UTF-8, and counts clocks in UTF-16', () => {
    const raw = (bytes: number[]) =>
      byHand(3, 0, [
        (encoder) => {
          encoding.writeUint8(encoder, 4);
          encoding.writeVarUint(encoder, 1);
          encoding.writeVarString(encoder, 'default');
          encoding.writeVarUint8Array(encoder, Uint8Array.from(bytes));
        },
      ]);
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe4, 0xb8], [0xf5, 0x80, 0x80, 0x80]]) {
      expect(codeOf(raw(bytes))).toBe('bad-update');
    }
    const emoji = made(3, (doc) => text(doc).insert(0, '联😀é'));
    expect(stateOf(emoji).clockOf(3)).toBe('联😀é'.length);
  });

  it('refuses a chain of 20,000 nested types, and takes a broad table', () => {
    const nest = (depth: number) =>
      byHand(
        3,
        0,
        Array.from({ length: depth }, (_, i) => (encoder: encoding.Encoder) => {
          encoding.writeUint8(encoder, 7);
          encoding.writeVarUint(encoder, i === 0 ? 1 : 0);
          if (i === 0) encoding.writeVarString(encoder, 'default');
          else [3, i - 1].forEach((n) => encoding.writeVarUint(encoder, n));
          encoding.writeVarUint(encoder, 3);
          encoding.writeVarString(encoder, 'p');
        }),
      );
    expect(codeOf(nest(60))).toBe('new');
    expect(codeOf(nest(65))).toBe('bad-update');
    expect(codeOf(nest(20_000))).toBe('bad-update');
    const broad = made(3, (doc) =>
      doc.getXmlFragment('default').insert(
        0,
        Array.from({ length: 500 }, () => new Y.XmlElement('p')),
      ),
    );
    expect(codeOf(broad)).toBe('new');
  });

  it('refuses a plain value of more than 64 levels', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const holding = (levels: number) => made(7, (doc) => doc.getMap('meta').set('schema', nested(levels)));
    expect(codeOf(holding(60))).toBe('new');
    expect(codeOf(holding(70))).toBe('bad-update');
  });

  it('refuses more bytes than one frame carries, whatever they are', () => {
    expect(codeOf(new Uint8Array(MAX_UPDATE_BYTES + 1))).toBe('frame-too-large');
  });

  it('refuses a version-2 update, trailing bytes and the 27 bytes that hang mergeUpdatesV2', () => {
    const doc = new Y.Doc();
    text(doc).insert(0, 'hello');
    expect(codeOf(Y.encodeStateAsUpdateV2(doc))).not.toBe('new');
    expect(codeOf(Uint8Array.from([...typed, 0]))).toBe('bad-update');
    expect(codeOf(new Uint8Array(0))).toBe('bad-update');
    expect(codeOf(Uint8Array.from([0, 0]))).toBe('known');
  });
});

describe('[B6] what one frame can cost', () => {
  const MANY = 50_000;
  /** One block of one item for each client; every item hangs behind the one of the next client in the bytes. */
  const backwards = (item: (encoder: encoding.Encoder, isLast: boolean) => void) =>
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, MANY);
      for (let client = 1; client <= MANY; client++) {
        for (const n of [1, client, 0]) encoding.writeVarUint(encoder, n);
        const isLast = client === MANY;
        encoding.writeUint8(encoder, isLast ? 7 : 0x80 | 7);
        if (isLast) {
          encoding.writeVarUint(encoder, 1);
          encoding.writeVarString(encoder, 'default');
        } else {
          for (const n of [client + 1, 0]) encoding.writeVarUint(encoder, n);
        }
        item(encoder, isLast);
      }
      encoding.writeVarUint(encoder, 0);
    });
  const element = (encoder: encoding.Encoder) => {
    encoding.writeVarUint(encoder, 3);
    encoding.writeVarString(encoder, 'p');
  };

  /** What `run` takes, ms: a square of these counts takes ten seconds or more. */
  const took = (run: () => unknown): number => {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
  };

  it('is linear in the clients of an update, in whatever order they wait for each other', { timeout: 120_000 }, () => {
    const update = backwards(element);
    let code = '';
    expect(took(() => (code = codeOf(update)))).toBeLessThan(3_000);
    expect(code).toBe('new');
  });

  it('is linear in the roots that an update names', { timeout: 120_000 }, () => {
    const items = Array.from({ length: MANY }, (_, i) => (encoder: encoding.Encoder) => {
      encoding.writeUint8(encoder, 4);
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, `f/${i}`);
      encoding.writeVarString(encoder, 'x');
    });
    const update = byHand(3, 0, items);
    let code = '';
    expect(took(() => (code = codeOf(update, new DocState(), 'file')))).toBeLessThan(3_000);
    expect(code).toBe('new');
  });

  it('is about linear in deletions that come last first', { timeout: 120_000 }, () => {
    const ranges = Array.from({ length: 5 * MANY }, (_, i) => [2 * (5 * MANY - i), 1]).flat();
    const long = byHand(3, 0, [
      (encoder) => {
        encoding.writeUint8(encoder, 0);
        encoding.writeVarUint(encoder, 20 * MANY);
      },
    ]);
    const deletion = decodeUpdate(
      encoding.encode((encoder) => {
        for (const n of [0, 1, 3, 5 * MANY, ...ranges]) encoding.writeVarUint(encoder, n);
      }),
    );
    if (!deletion.ok) throw new Error(deletion.detail);
    const state = stateOf(long);
    expect(took(() => state.admit(deletion.value))).toBeLessThan(2_000);
    expect(state.isDeleted({ client: 3, clock: 2, len: 1 })).toBe(true);
    expect(state.isDeleted({ client: 3, clock: 3, len: 1 })).toBe(false);
  });

  it('finds nesting across clients that come in the wrong order', () => {
    const nested = encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 100);
      for (let client = 1; client <= 100; client++) {
        for (const n of [1, client, 0]) encoding.writeVarUint(encoder, n);
        encoding.writeUint8(encoder, 7);
        encoding.writeVarUint(encoder, client === 100 ? 1 : 0);
        if (client === 100) encoding.writeVarString(encoder, 'default');
        else for (const n of [client + 1, 0]) encoding.writeVarUint(encoder, n);
        element(encoder);
      }
      encoding.writeVarUint(encoder, 0);
    });
    expect(codeOf(nested)).toBe('bad-update');
  });
});

describe('concatenation', () => {
  it('is what the updates were one by one, and costs no Y.Doc', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let i = 0; i < 50; i++) {
      text(doc).insert(i % 7, '联办');
      if (i % 3 === 0) text(doc).delete(0, 1);
    }
    const decoded = updates.map((update) => {
      const one = decodeUpdate(update);
      if (!one.ok) throw new Error(one.detail);
      return one.value;
    });
    const copy = new Y.Doc();
    Y.applyUpdate(copy, concatUpdates(decoded));
    expect(text(copy).toString()).toBe(text(doc).toString());
    expect(() => concatUpdates([decoded[2], decoded[0]] as never)).toThrow(/follow/);
  });
});

describe('ranges', () => {
  it('join where they touch and cover only what was added', () => {
    const ranges = new RangeSet();
    ranges.add(10, 12);
    ranges.add(0, 2);
    ranges.add(5, 7);
    ranges.add(7, 10);
    ranges.add(1, 3);
    expect([...ranges]).toEqual([
      [0, 3],
      [5, 12],
    ]);
    expect(ranges.covers(5, 12)).toBe(true);
    expect(ranges.covers(2, 4)).toBe(false);
    expect(ranges.covers(12, 13)).toBe(false);
    ranges.add(0, 20);
    expect([...ranges]).toEqual([[0, 20]]);
  });
});
