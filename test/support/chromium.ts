import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium that drives these tests; undefined where none was found, and then they skip. */
export const chromiumPath = process.env['LIANBAN_CHROMIUM'] ?? CANDIDATES.find((path) => existsSync(path));

/** One person's browser: a profile on disk that survives closing and killing it. */
export interface Browser {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console and of the page, in order. */
  readonly errors: string[];
  /** Opens a page and waits until the program runs. */
  goto(url: string): Promise<void>;
  /** Closes it as a person would, and opens the same profile again. */
  reopen(url: string): Promise<void>;
  /** Kills the browser's processes, and opens the same profile again. */
  killAndReopen(url: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a browser with a profile of its own. */
export async function openBrowser(options: { width?: number; height?: number; locale?: string } = {}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'lianban-profile-'));
  const errors: string[] = [];
  const launch = async (): Promise<{ context: BrowserContext; page: Page }> => {
    const context = await chromium.launchPersistentContext(profile, {
      ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
      args: ['--no-sandbox', '--disable-dev-shm-usage', `--lianban-profile=${profile}`],
      viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
      locale: options.locale ?? 'zh-CN',
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    return { context, page };
  };
  let open = await launch();
  const browser: Browser = {
    get context() {
      return open.context;
    },
    get page() {
      return open.page;
    },
    errors,
    async goto(url) {
      await open.page.goto(url, { waitUntil: 'domcontentloaded' });
    },
    async reopen(url) {
      await open.context.close();
      open = await launch();
      await browser.goto(url);
    },
    async killAndReopen(url) {
      const session = await open.context.newCDPSession(open.page);
      const gone = new Promise((resolve) => open.context.on('close', resolve));
      // no shutdown handler runs: every process of this browser is gone at once
      void session.send('Browser.crash' as never).catch(() => undefined);
      await gone;
      for (const name of ['SingletonLock', 'SingletonSocket', 'SingletonCookie']) rmSync(join(profile, name), { force: true });
      open = await launch();
      await browser.goto(url);
    },
    async close() {
      await open.context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return browser;
}

/** Signs in on the page that is open, by typing. */
export async function signInHere(page: Page, account: string, password = 'lianban-demo'): Promise<void> {
  await page.locator('input[name="username"]').fill(account);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('input[name="password"]').press('Enter');
  await page.locator('nav').first().waitFor();
}
