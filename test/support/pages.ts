import { docIdOf, DocumentNumber, type CaseId, type DocId } from '@lianban/model';
import type { Locator, Page } from 'playwright-core';
import * as Y from 'yjs';
import { signIn, type Desk } from './desk.ts';

/** A case with one opinion, made by a desk that is not a browser. */
export interface OpinionCase {
  readonly desk: Desk;
  readonly caseId: CaseId;
  readonly docId: DocId;
  /** Address of the opinion below the relay's. */
  readonly path: string;
}

/** Opens a case of `account`'s department with `with_` and names its opinion. */
export async function openOpinion(url: string, account = 'limin', joint: readonly string[] = []): Promise<OpinionCase> {
  const desk = await signIn(url, account);
  const others = await Promise.all(joint.map((other) => signIn(url, other)));
  const caseId = await desk.openCase(
    desk.department,
    others.map(({ department }) => department),
  );
  const docId = docIdOf({ caseId, part: 'doc', number: DocumentNumber.parse('1') });
  return { desk, caseId, docId, path: `/cases/${caseId}?doc=1&tab=doc` };
}

/** The text that is open, once it can be written in. */
export async function editorOf(page: Page): Promise<Locator> {
  const editor = page.locator('article.doc .ProseMirror[contenteditable="true"]');
  await editor.waitFor();
  return editor;
}

/** Waits until this page opens without a line: the program with its editor lies in the browser's cache. */
export async function keptForOffline(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const registration = await navigator.serviceWorker.ready;
    if (registration.active?.state !== 'activated') return false;
    const loaded = performance
      .getEntriesByType('resource')
      .map(({ name }) => name)
      .filter((name) => name.includes('/_app/immutable/'));
    const kept = await Promise.all(loaded.map((name) => caches.match(name)));
    return loaded.length > 0 && kept.every((answer) => answer !== undefined);
  });
}

/** A moment of the sync line: what it said from `atMs` (Unix time) on. */
export interface Said {
  atMs: number;
  text: string;
}

/** Writes down every text of the sync line from now on, as people read it: at each change of the page, with its time. */
export async function recordSyncLine(page: Page): Promise<{ said: () => Promise<Said[]> }> {
  await page.evaluate(() => {
    const said: { atMs: number; text: string }[] = [];
    (globalThis as unknown as { said: typeof said }).said = said;
    const look = (): void => {
      const line = document.querySelector('.sync.corner a');
      const parts: string[] = [];
      const walk = (node: Node): void => {
        if (node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim()) parts.push(node.nodeValue.trim());
        for (const child of node.childNodes) walk(child);
      };
      const words = line?.querySelector('.words');
      if (words) walk(words);
      const text = parts.join(' · ');
      if (said.at(-1)?.text !== text) said.push({ atMs: Date.now(), text });
    };
    look();
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
  return {
    said: () => page.evaluate(() => (globalThis as unknown as { said: { atMs: number; text: string }[] }).said),
  };
}

/** All text of a rich text, its blocks one under the other. */
export function textOf(doc: Y.Doc): string {
  return doc
    .getXmlFragment('default')
    .toArray()
    .map((node) => (node instanceof Y.XmlHook ? '' : node.toString().replace(/<[^>]*>/g, '')))
    .join('\n');
}
