import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser, signInHere, type Browser } from '../support/chromium.ts';
import { until } from '../support/desk.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

/** The rich text that is open, without carets. */
async function opinion(page: Page): Promise<string> {
  return page.locator('.rich-text').evaluate((root) => {
    const copy = root.cloneNode(true) as HTMLElement;
    for (const caret of copy.querySelectorAll('.caret')) caret.remove();
    return copy.innerText.replaceAll('\u2060', '');
  });
}

async function writeAtEnd(page: Page, text: string): Promise<void> {
  await page.locator('.rich-text').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}

async function unsentHere(page: Page): Promise<number> {
  const title = await page.title();
  return Number(/● (\d+)/.exec(title)?.[1] ?? 0);
}

async function showsText(page: Page, text: string, withinMs: number): Promise<void> {
  await until(async () => (await opinion(page)).includes(text), withinMs, `“${text}” on screen`);
}

/** The link of a row lies over the whole of it. */
async function openRow(page: Page, text: string): Promise<void> {
  await page.locator('main').getByText(text).first().click({ force: true, timeout: 60_000 });
}

describe.skipIf(chromiumPath === undefined)('two departments handle one case', () => {
  let relay: RelayProcess;
  let li: Browser;
  let wang: Browser;

  beforeAll(async () => {
    relay = await startRelay();
    li = await openBrowser();
    wang = await openBrowser();
  });
  afterAll(async () => {
    await li.close();
    await wang.close();
    await relay.close();
  });

  it(
    'live, through a kill of the relay, closed and opened cold without a line, and whole again by itself',
    { timeout: 300_000 },
    async () => {
      await li.goto(relay.url);
      await signInHere(li.page, 'limin');
      await wang.goto(relay.url);
      await signInHere(wang.page, 'wanglei');

      // one starts a case from a template
      await li.goto(`${relay.url}/cases/new`);
      await li.page.getByLabel('店名').fill('张记面馆');
      await li.page.keyboard.press('Enter');
      await li.page.waitForURL(/\/cases\/99/);
      const casePage = new URL(li.page.url()).pathname;
      await li.page.getByText('中继已确认').waitFor();

      // the other has it without asking, and opens it from the list
      await wang.page.getByRole('link', { name: '事项' }).first().click();
      await openRow(wang.page, '张记面馆');
      await wang.page.waitForURL(`**${casePage}**`);

      // both fill the same form
      await li.page.getByLabel('申请人', { exact: true }).fill('张建国');
      await li.page.keyboard.press('Tab');
      await wang.page.getByLabel('经营场所', { exact: true }).fill('城关镇杨柳巷 12 号');
      await wang.page.keyboard.press('Tab');
      await until(
        async () => (await wang.page.getByLabel('申请人', { exact: true }).inputValue()) === '张建国',
        20_000,
        'the applicant arrives',
      );
      await until(
        async () => (await li.page.getByLabel('经营场所', { exact: true }).inputValue()).startsWith('城关镇'),
        20_000,
        'the premises arrive',
      );

      // and write the same opinion, with carets and names
      const deepLink = `${relay.url}${casePage}?tab=doc&doc=1`;
      for (const { page } of [li, wang]) await page.getByRole('link', { name: '联合踏勘意见' }).first().click();
      for (const { page } of [li, wang]) await page.locator('.rich-text[aria-readonly="false"]').waitFor();
      await writeAtEnd(li.page, '后厨使用管道天然气。');
      await showsText(wang.page, '后厨使用管道天然气。', 20_000);
      await writeAtEnd(wang.page, '安全出口一个。');
      await showsText(li.page, '安全出口一个。', 20_000);
      await wang.page.keyboard.press('ArrowLeft');
      await li.page.locator('.caret', { hasText: '王磊' }).waitFor({ state: 'attached' });
      await li.page.keyboard.press('ArrowLeft');
      await wang.page.locator('.caret', { hasText: '李敏' }).waitFor({ state: 'attached' });

      // everything has arrived; the cases are on both machines, and so is the program
      for (const { page } of [li, wang]) {
        await until(async () => (await unsentHere(page)) === 0, 20_000, 'everything has arrived');
        await until(
          () => page.evaluate(async () => (await navigator.serviceWorker.ready).active !== null),
          30_000,
          'the program is installed',
        );
        await until(
          () =>
            page.evaluate(async () => {
              const [name] = (await caches.keys()).filter((key) => key.startsWith('lianban-'));
              const kept = name === undefined ? [] : await (await caches.open(name)).keys();
              return kept.length > 20;
            }),
          60_000,
          'the program is kept',
        );
      }

      // the relay dies under their hands
      await relay.kill();
      await writeAtEnd(li.page, '断线之后李敏写的一句。');
      await writeAtEnd(wang.page, '断线之后王磊写的一句。');
      for (const { page } of [li, wang])
        await until(async () => (await unsentHere(page)) > 0, 20_000, 'it is kept here');

      // both close the browser and open it again, on the deep link, with no relay
      await li.reopen(deepLink);
      await wang.reopen(deepLink);
      await li.page.locator('.rich-text[aria-readonly="false"]').waitFor();
      await wang.page.locator('.rich-text[aria-readonly="false"]').waitFor();
      await showsText(li.page, '断线之后李敏写的一句。', 20_000);
      await showsText(wang.page, '断线之后王磊写的一句。', 20_000);
      await writeAtEnd(li.page, '重新打开后李敏又写一句。');
      await writeAtEnd(wang.page, '重新打开后王磊又写一句。');

      // start another case, and go on in it
      await li.page.goto(`${relay.url}/cases/new`);
      await li.page.getByLabel('店名').fill('老城烧烤');
      await li.page.keyboard.press('Enter');
      await li.page.waitForURL((url) => url.pathname !== casePage && /^\/cases\/99/.test(url.pathname));
      const second = new URL(li.page.url()).pathname;
      await li.page.getByRole('link', { name: '联合踏勘意见' }).first().click();
      await li.page.locator('.rich-text[aria-readonly="false"]').waitFor();
      await writeAtEnd(li.page, '断网时新建的办件。');
      await until(async () => (await unsentHere(li.page)) > 1, 20_000, 'the new case is kept here');
      // and leave it: what is not on screen has to arrive too
      await li.page.goto(`${relay.url}/cases`);
      await li.page.getByText('老城烧烤').first().waitFor();

      // the relay comes back; nobody presses anything
      await relay.start();
      await until(async () => (await unsentHere(li.page)) === 0, 90_000, 'everything of Li has arrived');
      await until(async () => (await unsentHere(wang.page)) === 0, 90_000, 'everything of Wang has arrived');
      const all = [
        '断线之后李敏写的一句。',
        '断线之后王磊写的一句。',
        '重新打开后李敏又写一句。',
        '重新打开后王磊又写一句。',
      ];
      for (const text of all) await showsText(wang.page, text, 30_000);
      await openRow(li.page, '老城烧烤');
      await li.page.getByText('中继已确认').waitFor();
      expect(new URL(li.page.url()).pathname).toBe(second);
      await li.page.goto(deepLink);
      for (const text of all) await showsText(li.page, text, 30_000);
      await until(async () => (await opinion(li.page)) === (await opinion(wang.page)), 30_000, 'both show the same');

      // the second case reached the other department too
      await wang.page.goto(`${relay.url}/cases`);
      await openRow(wang.page, '老城烧烤');
      await wang.page.getByRole('link', { name: '联合踏勘意见' }).first().click();
      await showsText(wang.page, '断网时新建的办件。', 30_000);
      const faults = [...li.errors, ...wang.errors].filter(
        (text) =>
          !/ERR_CONNECTION_REFUSED|ERR_INTERNET|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection|404/.test(
            text,
          ),
      );
      expect(faults).toEqual([]);
    },
  );
});
