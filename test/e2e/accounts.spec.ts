import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser, signInHere, type Browser } from '../support/chromium.ts';
import { signIn, until } from '../support/desk.ts';
import { editorOf, keptForOffline, openOpinion, textOf, type OpinionCase } from '../support/pages.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const SECRET = '只属于李敏的话';

let relay: RelayProcess;

describe.skipIf(chromiumPath === undefined)('whose work it is', () => {
  beforeEach(async () => {
    relay = await startRelay();
  });
  afterEach(() => relay.close());

  it('keeps the unsent work of one account from the next, and sends it when its own is back', async () => {
    // both take part: only the account keeps the one from the other's work
    const made = await openOpinion(relay.url, 'limin', ['wanglei']);
    const browser = await openBrowser();
    try {
      await browser.goto(relay.url + made.path);
      await signInHere(browser.page, 'limin');
      const editor = await editorOf(browser.page);
      await editor.click();
      // the first words bring the document's own beginning with them
      await browser.page.keyboard.type('开头。');
      await arrived(made, '开头。');
      await browser.page.locator('.sync.corner', { hasText: '已同步' }).waitFor();
      await keptForOffline(browser.page);
      await relay.kill();
      await browser.page.keyboard.type(SECRET, { delay: 60 });
      await browser.page.locator('header nav a[href="/device"] .count').getByText(String(SECRET.length)).waitFor();

      await signOut(browser.page);
      await browser.page.getByRole('button', { name: '退出，修改留在本机' }).click();
      await browser.page.getByText(`${SECRET.length} 项未发出`).waitFor();
      expect(await browser.page.content()).not.toContain(SECRET);

      await relay.start();
      await signInHere(browser.page, 'wanglei');
      await (await editorOf(browser.page)).waitFor();
      expect(await browser.page.content()).not.toContain(SECRET);
      // what wanglei writes goes through, past what limin left
      await (await editorOf(browser.page)).click();
      await browser.page.keyboard.type('王磊的话');
      const reader = await signIn(relay.url, 'limin');
      const shared = await reader.openDoc(made.docId);
      await until(() => textOf(shared.doc).includes('王磊的话'), 20_000, "wanglei's words arrive");
      await browser.page.locator('header nav a[href="/device"]').click();
      await browser.page.getByText(`limin 另有 ${SECRET.length} 项待发`).waitFor();
      await browser.page.getByText('全部已发出').waitFor();
      expect(await browser.page.content()).not.toContain(SECRET);
      expect(textOf(shared.doc)).not.toContain(SECRET);

      await signOut(browser.page);
      await browser.page.locator('input[name="username"]').waitFor();
      expect(textOf(shared.doc)).not.toContain(SECRET);
      await signInHere(browser.page, 'limin');
      await until(() => textOf(shared.doc).includes(SECRET), 20_000, "limin's words arrive");
      expect(textOf(shared.doc)).toContain('王磊的话');
      await shared.close();
      await browser.goto(relay.url + made.path);
      await (await editorOf(browser.page)).getByText(SECRET).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('goes on writing when the session has ended, and sends everything after signing in again', async () => {
    const made = await openOpinion(relay.url);
    const browser = await openBrowser();
    try {
      await browser.goto(relay.url + made.path);
      await signInHere(browser.page, 'limin');
      const { page } = browser;
      await (await editorOf(page)).click();
      await page.keyboard.type('之前。');
      await arrived(made, '之前。');
      await endSession(browser);
      const line = page.locator('.sync.corner', { hasText: '登录后发送' });
      await line.waitFor({ timeout: 20_000 });
      expect(await line.locator('a').getAttribute('title')).toContain('内容已存本机，不会丢失。');

      await page.keyboard.type('之后还在写。', { delay: 60 });
      await page.locator('header nav a[href="/device"] .count').getByText('6', { exact: true }).waitFor();
      expect(await (await editorOf(page)).textContent()).toContain('之前。之后还在写。');
      const reader = await made.desk.openDoc(made.docId);
      await until(() => reader.loaded(), 10_000, 'the relay has answered');
      expect(textOf(reader.doc)).not.toContain('之后');

      await signOut(page);
      await page.getByRole('button', { name: '退出，修改留在本机' }).click();
      await signInHere(page, 'limin');
      await until(() => textOf(reader.doc).includes('之前。之后还在写。'), 20_000, 'everything is sent');
      await reader.close();
      await page.locator('.sync.corner', { hasText: '已同步' }).waitFor();
    } finally {
      await browser.close();
    }
  });
});

/** Through the menu of the person. */
async function signOut(page: Browser['page']): Promise<void> {
  await page.getByRole('button', { name: '语言、外观与退出' }).click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
}

/** The browser's session, ended by somebody else who holds it. */
async function endSession({ context }: Browser): Promise<void> {
  const cookies = await context.cookies();
  const answer = await fetch(`${relay.url}/api/session`, {
    method: 'DELETE',
    headers: {
      'x-lianban': '1',
      origin: relay.url,
      cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
    },
  });
  expect(answer.status).toBe(204);
}

async function arrived({ desk, docId }: OpinionCase, words: string): Promise<void> {
  const shared = await desk.openDoc(docId);
  await until(() => textOf(shared.doc).includes(words), 20_000, `“${words}” at the relay`);
  await shared.close();
}
