import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
export async function openBrowser(
  options: { width?: number; height?: number; locale?: string } = {},
): Promise<Browser> {
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
      const gone = new Promise((resolve) => open.context.on('close', resolve));
      const pids = processesOf(profile);
      if (pids.length === 0) throw new Error('no process of this browser was found');
      // no shutdown handler runs, and no process outlives another to write something down
      for (const pid of pids) end(pid);
      await gone;
      while (processesOf(profile).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const name of ['SingletonLock', 'SingletonSocket', 'SingletonCookie'])
        rmSync(join(profile, name), { force: true });
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

/** Processes whose command line names the profile, and all that descend from them; the browser itself comes first. */
function processesOf(profile: string): number[] {
  const found: { pid: number; parent: number; named: boolean }[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z') continue;
      const named = readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(profile);
      found.push({ pid: Number(name), parent: Number(parent), named });
    } catch {
      // it has ended in the meantime
    }
  }
  const pids = found.filter(({ named }) => named).map(({ pid }) => pid);
  for (const parent of pids)
    for (const child of found) if (child.parent === parent && !pids.includes(child.pid)) pids.push(child.pid);
  return pids;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it went with its parent
  }
}

/** Signs in on the page that is open, by typing. */
export async function signInHere(page: Page, account: string, password = 'lianban-demo'): Promise<void> {
  await page.locator('input[name="username"]').fill(account);
  await page.locator('input[name="password"]').fill(password);
  await page.locator('input[name="password"]').press('Enter');
  await page.locator('nav:visible').first().waitFor();
}
