import { RICH_TEXT_SCHEMA } from '@lianban/sync';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { footing, hasUnknownParts, namesNewerSchema, watchForNewer } from './schema-guard.ts';

const known = { nodes: new Set(['paragraph']), marks: new Set(['bold']) };

function docWith(name: string, marks: Record<string, unknown> = {}) {
  const doc = new Y.Doc();
  const element = new Y.XmlElement(name);
  const text = new Y.XmlText();
  doc.getXmlFragment('default').push([element]);
  element.push([text]);
  text.insert(0, '正文', marks);
  return { doc, element, text, fragment: doc.getXmlFragment('default') };
}

describe('how a rich-text document is shown', () => {
  it('is never through an editor when it is newer, whatever the role', () => {
    expect(footing({ newer: true, canWrite: true })).toBe('guarded');
    expect(footing({ newer: true, canWrite: false })).toBe('guarded');
    expect(footing({ newer: false, canWrite: false })).toBe('read');
    expect(footing({ newer: false, canWrite: true })).toBe('edit');
  });
});

describe('the schema a document names', () => {
  it.each([
    [undefined, false],
    [RICH_TEXT_SCHEMA, false],
    [RICH_TEXT_SCHEMA + 1, true],
    ['2', true],
    [Number.NaN, true],
  ])('%s', (schema, newer) => {
    const doc = new Y.Doc();
    if (schema !== undefined) doc.getMap('meta').set('schema', schema);
    expect(namesNewerSchema(doc)).toBe(newer);
  });
});

describe('parts of a document', () => {
  it('are known by the names of nodes and marks, with the suffix of overlapping marks taken off', () => {
    expect(hasUnknownParts(docWith('paragraph', { bold: true, 'bold--aB3+/9==': {} }).fragment, known)).toBe(false);
    expect(hasUnknownParts(docWith('signature').fragment, known)).toBe(true);
    expect(hasUnknownParts(docWith('paragraph', { suggestion: {} }).fragment, known)).toBe(true);
  });

  it('are looked at without writing', () => {
    const { doc, fragment } = docWith('signature');
    let updates = 0;
    doc.on('update', () => (updates += 1));
    hasUnknownParts(fragment, known);
    namesNewerSchema(doc);
    expect(updates).toBe(0);
  });
});

describe('a document that becomes newer while it is open', () => {
  it.each([
    ['a schema', (doc: Y.Doc) => doc.getMap('meta').set('schema', RICH_TEXT_SCHEMA + 1)],
    ['a node', (doc: Y.Doc) => doc.getXmlFragment('default').push([new Y.XmlElement('signature')])],
    [
      'a mark',
      (doc: Y.Doc) =>
        ((doc.getXmlFragment('default').get(0) as Y.XmlElement).get(0) as Y.XmlText).format(0, 1, { suggestion: {} }),
    ],
  ])('is told by %s, before the binding hears of the change', (_what, change) => {
    const { doc, fragment } = docWith('paragraph');
    const there = new Y.Doc();
    Y.applyUpdate(there, Y.encodeStateAsUpdate(doc));
    change(there);
    const order: string[] = [];
    fragment.observeDeep(() => order.push('binding'));
    doc.getMap('meta').observe(() => order.push('binding'));
    watchForNewer(doc, known, () => order.push('newer'));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(there));
    expect(order).toEqual(['newer', 'binding']);
  });

  it('is not told by ordinary writing', () => {
    const { doc, text } = docWith('paragraph');
    let told = 0;
    watchForNewer(doc, known, () => (told += 1));
    text.insert(0, 'a', { bold: true });
    expect(told).toBe(0);
  });
});
