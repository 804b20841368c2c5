import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser, signInHere } from '../support/chromium.ts';
import { signIn, until } from '../support/desk.ts';
import { editorOf, keptForOffline, openOpinion, textOf } from '../support/pages.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const WORDS = 40;
const PACE_MS = 120;
/** What is older than this when the browser dies must be there again. */
const KEPT_WITHIN_MS = 1_000;

let relay: RelayProcess;

describe.skipIf(chromiumPath === undefined)('SIGKILL of the browser while somebody types offline', () => {
  beforeAll(async () => {
    relay = await startRelay();
  });
  afterAll(() => relay.close());

  it('keeps every word older than a second, and sends them once there is a line', async () => {
    const made = await openOpinion(relay.url);
    const browser = await openBrowser();
    try {
      await browser.goto(relay.url + made.path);
      await signInHere(browser.page, 'limin');
      await keptForOffline(browser.page);
      // Chromium writes a cookie down after half a minute, or when it is closed: the session is an older one
      await browser.reopen(relay.url + made.path);
      await (await editorOf(browser.page)).click();
      await keptForOffline(browser.page);
      await relay.kill();

      const typed: { word: string; atMs: number }[] = [];
      for (let at = 0; at < WORDS; at++) {
        const word = `w${at}e`;
        await browser.page.keyboard.type(`${word} `);
        typed.push({ word, atMs: performance.now() });
        // the pace of a person, which is what is tested
        await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      }
      const killedAt = performance.now();
      await browser.killAndReopen(relay.url + made.path);

      const editor = await editorOf(browser.page);
      const due = typed.filter(({ atMs }) => atMs < killedAt - KEPT_WITHIN_MS).map(({ word }) => word);
      expect(due.length).toBeGreaterThan(WORDS / 2);
      await until(
        async () => ((await editor.textContent()) ?? '').includes(due[0] ?? ''),
        10_000,
        'the text is on screen',
      );
      const text = (await editor.textContent()) ?? '';
      expect(due.filter((word) => !text.includes(word))).toEqual([]);

      await browser.page.locator('header nav a[href="/device"]').click();
      const row = browser.page.locator('ul.outbox li', { hasText: '联合踏勘意见' });
      await row.waitFor();
      expect(Number(/(\d+) 处修改/.exec((await row.textContent()) ?? '')?.[1])).toBeGreaterThanOrEqual(due.length);

      // nobody touches the browser from here on
      await relay.start();
      const reader = await signIn(relay.url, 'limin');
      const shared = await reader.openDoc(made.docId);
      await until(() => due.every((word) => textOf(shared.doc).includes(word)), 30_000, 'all words at another desk');
      expect(textOf(shared.doc).trim()).toBe(text.trim());
      await shared.close();
      await browser.page.getByText('全部已发出').waitFor();
      expect(browser.errors.filter((error) => !/ERR_CONNECTION_|WebSocket connection/.test(error))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
