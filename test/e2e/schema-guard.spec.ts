import { RICH_TEXT_SCHEMA, type SharedDoc } from '@lianban/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { chromiumPath, openBrowser, signInHere } from '../support/chromium.ts';
import { until } from '../support/desk.ts';
import { editorOf, openOpinion, textOf } from '../support/pages.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const SENTENCE = '需更新后才能编辑';
const NEWER = RICH_TEXT_SCHEMA + 1;

let relay: RelayProcess;

describe.skipIf(chromiumPath === undefined)('a document of a newer version', () => {
  beforeAll(async () => {
    relay = await startRelay();
  });
  afterAll(() => relay.close());

  it('is shown as text, and not a byte of it is changed', async () => {
    const made = await openOpinion(relay.url);
    const newer = await made.desk.openDoc(made.docId);
    const browser = await openBrowser();
    try {
      await until(() => newer.status().at === 'open', 10_000, 'the newer version is in');
      paragraph(newer.doc, '普通的一段');
      writeNewer(newer.doc);
      await settled(newer);
      const before = Y.encodeStateAsUpdate(newer.doc);
      const fromBrowser = countUpdates(newer.doc);

      await browser.goto(relay.url + made.path);
      await signInHere(browser.page, 'limin');
      const sheet = browser.page.locator('article.doc');
      await sheet.getByText(SENTENCE).waitFor();
      await sheet.getByText('普通的一段').waitFor();
      await sheet.getByText('今天还不认识的内容').waitFor();
      expect(await sheet.locator('[contenteditable="true"]').count()).toBe(0);
      await sheet.getByText('普通的一段').click();
      await browser.page.keyboard.type('xx');
      // something of the newer version that comes later arrives too: what the browser might send is before it
      paragraph(newer.doc, '后来的一段');
      await sheet.getByText('后来的一段').waitFor();

      expect(fromBrowser()).toBe(0);
      expect(textOf(newer.doc)).not.toContain('xx');
      await untouched(made, before, newer.doc);
      expect(browser.errors).toEqual([]);
    } finally {
      await newer.close();
      await browser.close();
    }
  });

  it('is let go of by an editor that is open when it becomes newer', async () => {
    const made = await openOpinion(relay.url);
    const newer = await made.desk.openDoc(made.docId);
    const browser = await openBrowser();
    try {
      await browser.goto(relay.url + made.path);
      await signInHere(browser.page, 'limin');
      await (await editorOf(browser.page)).click();
      await browser.page.keyboard.type('先写的一段');
      await until(() => textOf(newer.doc).includes('先写的一段'), 10_000, 'what was typed arrives');
      const fromBrowser = countUpdates(newer.doc);
      writeNewer(newer.doc);
      await settled(newer);
      const before = Y.encodeStateAsUpdate(newer.doc);

      const sheet = browser.page.locator('article.doc');
      await sheet.getByText(SENTENCE).waitFor();
      await sheet.getByText('今天还不认识的内容').waitFor();
      expect(await sheet.locator('[contenteditable="true"]').count()).toBe(0);
      await browser.page.keyboard.type('xx');
      paragraph(newer.doc, '后来的一段');
      await sheet.getByText('后来的一段').waitFor();

      expect(fromBrowser()).toBe(0);
      expect(textOf(newer.doc)).not.toContain('xx');
      await untouched(made, before, newer.doc);
      expect(browser.errors).toEqual([]);
    } finally {
      await newer.close();
      await browser.close();
    }
  });
});

function paragraph(doc: Y.Doc, words: string): void {
  const element = new Y.XmlElement('paragraph');
  element.insert(0, [new Y.XmlText(words)]);
  doc.getXmlFragment('default').push([element]);
}

/** What a version after this one might write: another schema, with a node of it. */
function writeNewer(doc: Y.Doc): void {
  doc.transact(() => {
    doc.getMap('meta').set('schema', NEWER);
    const element = new Y.XmlElement('signatureBlock');
    element.setAttribute('level', '9');
    element.insert(0, [new Y.XmlText('今天还不认识的内容')]);
    doc.getXmlFragment('default').push([element]);
  });
}

async function settled(shared: SharedDoc): Promise<void> {
  await until(() => shared.waiting() === 0, 10_000, 'the relay has it');
}

/** Counts what comes from elsewhere from now on. */
function countUpdates(doc: Y.Doc): () => number {
  let count = 0;
  doc.on('update', (_bytes: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    if (!transaction.local) count++;
  });
  return () => count;
}

/** The relay holds what the newer version wrote, all of it, and nothing besides. */
async function untouched(
  { desk, docId }: Awaited<ReturnType<typeof openOpinion>>,
  before: Uint8Array,
  now: Y.Doc,
): Promise<void> {
  // a desk with nothing kept sees what the relay holds
  const fresh = await desk.openDoc(docId);
  await until(() => fresh.loaded() && textOf(fresh.doc) === textOf(now), 10_000, 'the relay holds the same text');
  expect(Y.encodeStateAsUpdate(fresh.doc)).toEqual(Y.encodeStateAsUpdate(now));
  const then = new Y.Doc();
  Y.applyUpdate(then, before);
  // every client of before, and of nobody else but the newer version itself
  expect([...fresh.doc.store.clients.keys()].sort()).toEqual([...then.store.clients.keys()].sort());
  expect(fresh.doc.getXmlFragment('default').toString()).toContain('<signatureblock level="9">今天还不认识的内容');
  expect(fresh.doc.getMap('meta').get('schema')).toBe(NEWER);
  await fresh.close();
}
