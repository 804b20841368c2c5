import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { seededRandom, seedsFor, type SeededRandom } from '../testing/seeded-random.ts';
import { checkUpdate } from './check-update.ts';
import { concatUpdates } from './concat-updates.ts';
import type { DecodedUpdate } from './decode-update.ts';
import { DocState } from './doc-state.ts';

/** A person at a device that is offline for stretches: every kind of edit the product makes, nesting and undo too. */
interface Editor {
  doc: Y.Doc;
  undo: Y.UndoManager;
  /** Updates made here and not sent. */
  waiting: Uint8Array[];
  /** Updates received while offline. */
  inbox: Uint8Array[];
}

function openEditor(random: SeededRandom): Editor {
  const doc = new Y.Doc();
  doc.clientID = random.int(2 ** 21) * 2 ** 32 + random.int(2 ** 32);
  const editor: Editor = {
    doc,
    undo: new Y.UndoManager([doc.getXmlFragment('default'), doc.getMap('meta')], { captureTimeout: 0 }),
    waiting: [],
    inbox: [],
  };
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'link') editor.waiting.push(update);
  });
  return editor;
}

function edit(editor: Editor, random: SeededRandom): void {
  const { doc, undo } = editor;
  const root = doc.getXmlFragment('default');
  const parents: Y.XmlFragment[] = [root];
  for (const node of root.createTreeWalker((one) => one instanceof Y.XmlElement)) parents.push(node as Y.XmlElement);
  const parent = random.pick(parents);
  const texts = parents.flatMap((one) => one.toArray().filter((child) => child instanceof Y.XmlText));
  const word = random.pick(['a', '联办', '😀', 'one thing', '，', '永安县', '\u{20BB7}野']);
  switch (random.int(9)) {
    case 0: {
      const element = new Y.XmlElement(random.pick(['paragraph', 'heading', 'tableCell']));
      if (random.chance(0.6)) element.insert(0, [new Y.XmlText(word)]);
      parent.insert(random.int(parent.length + 1), [element]);
      return;
    }
    case 1:
      if (parent.length > 0) parent.delete(random.int(parent.length), 1);
      return;
    case 2:
      doc.getMap('meta').set(random.pick(['schema', 'x']), random.pick([1, 'two', true, { deep: [1, null, 2.5] }]));
      return;
    case 3:
      undo.undo();
      return;
    case 4:
      undo.redo();
      return;
    case 5:
      if (parent instanceof Y.XmlElement) parent.setAttribute('level', word);
      return;
    default: {
      if (texts.length === 0) return;
      const text = random.pick(texts);
      if (text.length > 0 && random.chance(0.3)) {
        const at = random.int(text.length);
        const length = 1 + random.int(Math.min(5, text.length - at));
        if (random.chance(0.5)) text.delete(at, length);
        else text.format(at, length, { bold: true });
      } else text.insert(random.int(text.length + 1), word);
    }
  }
}

/** What the relay does with an update, without sockets and disk. */
function relay() {
  const state = new DocState();
  const log: DecodedUpdate[] = [];
  const counts = { fresh: 0, known: 0, overlap: 0 };
  const receive = (bytes: Uint8Array): void => {
    const verdict = checkUpdate(bytes, state, 'doc');
    if (!verdict.ok) throw new Error(`${verdict.code}: ${verdict.detail}`);
    if (verdict.value.kind === 'overlap') {
      counts.overlap++;
      return receive(Y.diffUpdate(bytes, state.encodeStateVector()));
    }
    if (verdict.value.kind === 'known') return void counts.known++;
    counts.fresh++;
    state.admit(verdict.value.update);
    log.push(verdict.value.update);
  };
  return { state, log, counts, receive };
}

function digest(doc: Y.Doc): string {
  const meta = [...doc.getMap('meta').entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${doc.getXmlFragment('default').toString()} ${JSON.stringify(meta)}`;
}

describe('honest offline editors', () => {
  const totals = { fresh: 0, known: 0, overlap: 0 };

  it.each(seedsFor(150, process.env))('seed %i: nothing is refused, everybody converges', (seed) => {
    const random = seededRandom(seed);
    const server = relay();
    const editors = Array.from({ length: 3 }, () => openEditor(random));
    const told = editors.map(() => 0);
    const sync = (index: number): void => {
      const editor = editors[index] as Editor;
      if (random.chance(0.5)) {
        // one by one, as typed; what came before is already on its way
        for (const update of editor.waiting.splice(0)) server.receive(update);
      } else {
        // after an outage: one difference, sometimes twice, sometimes with what was just sent
        const vector = server.state.encodeStateVector();
        if (random.chance(0.3)) for (const update of editor.waiting) server.receive(update);
        editor.waiting.length = 0;
        server.receive(Y.encodeStateAsUpdate(editor.doc, vector));
        if (random.chance(0.2)) server.receive(Y.encodeStateAsUpdate(editor.doc, vector));
      }
      const news = server.log.slice(told[index]);
      told[index] = server.log.length;
      if (news.length > 0) Y.applyUpdate(editor.doc, concatUpdates(news), 'link');
    };
    for (let step = 0; step < 120; step++) {
      const index = random.int(editors.length);
      edit(editors[index] as Editor, random);
      if (random.chance(0.25)) sync(index);
    }
    for (let round = 0; round < 2; round++) for (let index = 0; index < editors.length; index++) sync(index);
    const fromLog = new Y.Doc();
    Y.applyUpdate(fromLog, concatUpdates(server.log));
    const ends = [...editors.map(({ doc }) => digest(doc)), digest(fromLog)];
    expect(new Set(ends)).toHaveLength(1);
    // the state kept without a Y.Doc is that of the Y.Doc
    expect(new Map(server.state.entries())).toEqual(Y.decodeStateVector(Y.encodeStateVector(fromLog)));
    const again = DocState.fromUpdates([Y.encodeStateAsUpdate(fromLog)]);
    if (!again.ok) throw new Error(again.detail);
    // a deletion that only follows from its parent's is in the Y.Doc and in no update: the state may know fewer, never more
    const { ds } = Y.decodeUpdate(server.state.encodeDeletes());
    for (const [client, ranges] of ds.clients) {
      for (const { clock, len } of ranges) expect(again.value.isDeleted({ client, clock, len })).toBe(true);
    }
    for (const key of ['fresh', 'known', 'overlap'] as const) totals[key] += server.counts[key];
  });

  it('was no idle run', () => {
    expect(totals.fresh).toBeGreaterThan(20);
    if (process.env['LIANBAN_SEED'] === undefined) {
      expect(totals.overlap).toBeGreaterThan(0);
      expect(totals.known).toBeGreaterThan(0);
    }
  });
});

describe('hostile bytes', () => {
  it.each(seedsFor(20, process.env))('seed %i: a mutant is refused, or harms no receiver', (seed) => {
    const random = seededRandom(seed);
    const editor = openEditor(random);
    const state = new DocState();
    const receiver = new Y.Doc();
    let passed = 0;
    let refused = 0;
    for (let step = 0; step < 60; step++) {
      edit(editor, random);
      for (const update of editor.waiting.splice(0)) {
        for (let i = 0; i < 20; i++) {
          const mutant = update.slice();
          mutant[random.int(mutant.length)] = random.int(256);
          const verdict = checkUpdate(mutant, state, 'doc');
          if (!verdict.ok || verdict.value.kind !== 'new') {
            refused++;
            continue;
          }
          passed++;
          const victim = new Y.Doc();
          Y.applyUpdate(victim, Y.encodeStateAsUpdate(receiver));
          expect(() => Y.applyUpdate(victim, mutant)).not.toThrow();
          expect(victim.store.pendingStructs).toBeNull();
          expect(victim.store.pendingDs).toBeNull();
        }
        const honest = checkUpdate(update, state, 'doc');
        if (!honest.ok || honest.value.kind !== 'new') continue;
        state.admit(honest.value.update);
        Y.applyUpdate(receiver, update);
      }
    }
    expect(passed).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(passed);
  });

  it.each(seedsFor(20, process.env))('seed %i: random bytes are refused and never throw', (seed) => {
    const random = seededRandom(seed);
    for (let i = 0; i < 2_000; i++) {
      const bytes = random.bytes(1 + random.int(40));
      const verdict = checkUpdate(bytes, new DocState(), 'doc');
      if (!verdict.ok) expect(['bad-update', 'needs-sync']).toContain(verdict.code);
    }
  });
});
