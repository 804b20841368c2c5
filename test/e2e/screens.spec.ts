import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser, signInHere, type Browser } from '../support/chromium.ts';
import { editorOf, openOpinion, type OpinionCase } from '../support/pages.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const LANGUAGES = ['zh', 'en'] as const;
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [1440, 390] as const;

let relay: RelayProcess;
let made: OpinionCase;

describe.skipIf(chromiumPath === undefined)('every screen', () => {
  beforeAll(async () => {
    relay = await startRelay();
    made = await openOpinion(relay.url);
  });
  afterAll(() => relay.close());

  it.each(WIDTHS)('has nothing that shuts anybody out, at %i px, in both languages and lights', async (width) => {
    const browser = await openBrowser({ width, height: 900 });
    const screens: { name: string; path: string; shown: string }[] = [
      { name: 'inbox', path: '/', shown: 'main h1, #main h1' },
      { name: 'cases', path: '/cases', shown: `a[href*="${made.caseId}"]` },
      { name: 'new case', path: '/cases/new', shown: 'input[name="applicant"]' },
      { name: 'form', path: `/cases/${made.caseId}?tab=form`, shown: '.middle input' },
      { name: 'document', path: made.path, shown: '.ProseMirror[contenteditable="true"]' },
      { name: 'device', path: '/device', shown: '#outbox' },
    ];
    try {
      const found: string[] = [];
      await browser.goto(relay.url);
      await browser.page.locator('input[name="username"]').waitFor();
      await inEveryLook(browser, '/', 'input[name="username"]', 'sign-in', found);
      await browser.goto(`${relay.url}/?lang=zh&theme=light`);
      await signInHere(browser.page, 'limin');
      for (const { name, path, shown } of screens) await inEveryLook(browser, path, shown, name, found);
      expect(found).toEqual([]);
      expect(browser.errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('leads from signing in to writing in a new case by keys alone', async () => {
    const browser = await openBrowser();
    const { page } = browser;
    try {
      await browser.goto(relay.url);
      await page.locator('input[name="username"]').waitFor();
      await tabTo(page, 'input[name="username"]');
      await page.keyboard.type('limin');
      await tabTo(page, 'input[name="password"]');
      await page.keyboard.type('lianban-demo');
      await page.keyboard.press('Enter');
      await page.locator('header nav').waitFor();
      await page.keyboard.press('c');
      await page.locator('input[name="applicant"]').waitFor();
      await tabTo(page, 'input[name="applicant"]');
      await page.keyboard.type('键盘小店');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/cases\/(?!new)/);
      await page.locator('nav.tabs a').nth(1).waitFor();
      await tabTo(page, 'nav.tabs a[href*="tab=doc"]');
      await page.keyboard.press('Enter');
      await editorOf(page);
      await tabTo(page, '.ProseMirror');
      await page.keyboard.type('只用键盘写的');
      expect(await page.locator('.ProseMirror').textContent()).toContain('只用键盘写的');
      expect(browser.errors).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** Looks at a screen in each language and light, and notes what is serious. */
async function inEveryLook(
  browser: Browser,
  path: string,
  shown: string,
  name: string,
  found: string[],
): Promise<void> {
  const { page } = browser;
  for (const language of LANGUAGES)
    for (const theme of THEMES) {
      const address = new URL(path, relay.url);
      address.searchParams.set('lang', language);
      address.searchParams.set('theme', theme);
      await browser.goto(address.href);
      await page.locator(shown).first().waitFor();
      // what fades in is not yet what people read
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          found.push(
            `${name} ${language} ${theme}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
          );
    }
}

/** Presses Tab until what is looked for has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}`);
}
