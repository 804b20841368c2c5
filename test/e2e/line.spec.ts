import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, openBrowser, signInHere, type Browser } from '../support/chromium.ts';
import { until } from '../support/desk.ts';
import { editorOf, openOpinion, recordSyncLine, textOf, type OpinionCase, type Said } from '../support/pages.ts';
import { startRelay, type RelayProcess } from '../support/relay-process.ts';

const SHORT_MS = 3_000;
const OUTAGE_MS = 40_000;

/** The words of the table, as people read them. */
const WORDS = {
  zh: {
    live: '已同步',
    sending: /^正在发送 \d+ 项…$/,
    keptHere: /^\d+ 项存于本机$/,
    reconnecting: '正在重连…',
    reconnectingDetail: '请继续，内容已存本机。',
    offline: (count: number) => new RegExp(`^\\d\\d:\\d\\d 起离线 · ${count} 项存于本机$`),
    offlineDetail: '网络恢复后自动发送，无需操作。',
  },
  en: {
    live: 'Up to date',
    sending: /^Sending \d+…$/,
    keptHere: /^\d+ kept here$/,
    reconnecting: 'Reconnecting…',
    reconnectingDetail: 'Keep going; your work is on this device.',
    offline: (count: number) => new RegExp(`^Offline since \\d\\d:\\d\\d · ${count} kept here$`),
    offlineDetail: 'It will be sent by itself when the line is back.',
  },
};
type Language = keyof typeof WORDS;

let relay: RelayProcess;
let browser: Browser | undefined;

describe.skipIf(chromiumPath === undefined)('the sync line', () => {
  beforeAll(async () => {
    relay = await startRelay();
  });
  afterEach(async () => {
    await browser?.close();
    browser = undefined;
    await relay.kill();
    await relay.start();
  });
  afterAll(() => relay.close());

  it.each(['zh', 'en'] as const)('%s: says no problem when the relay dies and is back within 3 s', async (language) => {
    let made: OpinionCase;
    let said: () => Promise<Said[]>;
    let downMs: number;
    let rounds = 0;
    // where the relay itself took longer to start, this was another outage
    do {
      await browser?.close();
      const here = await writing(language);
      const { page } = here;
      made = here.made;
      ({ said } = await recordSyncLine(page));
      const killedAt = Date.now();
      await relay.kill();
      await Promise.all([relay.start(), page.keyboard.type('断线时写的', { delay: 60 })]);
      downMs = Date.now() - killedAt;
    } while (downMs >= SHORT_MS && ++rounds < 5);
    expect(downMs, 'the relay was back within 3 s').toBeLessThan(SHORT_MS);
    await arrived(made, '断线时写的');
    const settled = Date.now() + 2_000;
    await until(() => Date.now() > settled, 5_000, 'a word that comes late');
    const spoken = await said();
    expect(spoken.length).toBeGreaterThan(0);
    expect(spoken.filter(({ text }) => !isHarmless(text, language))).toEqual([]);
    expect(spoken.at(-1)?.text).toBe(WORDS[language].live);
  });

  it.each(['zh', 'en'] as const)(
    '%s: is silent for 5 s of an outage, reconnects until 30 s, then is offline until the relay is back',
    async (language) => {
      const words = WORDS[language];
      const { made, page } = await writing(language);
      const { said } = await recordSyncLine(page);
      const link = page.locator('.sync.corner a');
      const killedAt = Date.now();
      await relay.kill();
      await page.keyboard.type('离线期间写的', { delay: 100 });
      await until(async () => (await said()).some(({ text }) => text === words.reconnecting), 10_000, 'reconnecting');
      expect(await link.getAttribute('title')).toContain(words.reconnectingDetail);

      const offline = /离线|Offline/;
      await until(async () => (await said()).some(({ text }) => offline.test(text)), 35_000, 'offline');
      expect(await link.getAttribute('title')).toContain(words.offlineDetail);
      // every key is a change
      const kept = '离线期间写的'.length;
      expect(await countOnDevice(page)).toBe(kept);
      expect((await said()).at(-1)?.text).toMatch(words.offline(kept));
      const during = await said();
      const reconnectingAfter = afterKill(during, killedAt, (text) => text === words.reconnecting);
      const offlineAfter = afterKill(during, killedAt, (text) => offline.test(text));
      expect(Math.abs(reconnectingAfter - 5_000), `reconnecting after ${reconnectingAfter} ms`).toBeLessThan(1_500);
      expect(Math.abs(offlineAfter - 30_000), `offline after ${offlineAfter} ms`).toBeLessThan(2_000);
      const firstProblem = during.find(({ text }) => !isHarmless(text, language));
      expect(firstProblem?.text).toBe(words.reconnecting);

      await until(() => Date.now() - killedAt > OUTAGE_MS, OUTAGE_MS, 'the outage');
      expect((await said()).at(-1)?.text).toMatch(words.offline(kept));
      await relay.start();
      const backAt = Date.now();
      await arrived(made, '离线期间写的');
      await until(async () => (await said()).at(-1)?.text === words.live, 15_000, 'the line is live');
      const gone = (await said()).findLast(({ text }) => !isHarmless(text, language));
      const after = (await said()).find(({ atMs }) => atMs > (gone?.atMs ?? 0));
      expect((after?.atMs ?? Infinity) - backAt, 'ms until the problem word was gone').toBeLessThan(9_500);
      expect(await countOnDevice(page)).toBe(0);
    },
  );
});

/** limin in a browser of her own, with the caret in an opinion whose first words have arrived. */
async function writing(language: Language): Promise<{ made: OpinionCase; page: Browser['page'] }> {
  const made = await openOpinion(relay.url);
  browser = await openBrowser();
  await browser.goto(`${relay.url}${made.path}&lang=${language}`);
  await signInHere(browser.page, 'limin');
  const editor = await editorOf(browser.page);
  await editor.click();
  await browser.page.keyboard.type('开头。');
  await arrived(made, '开头。');
  await browser.page.locator('.sync.corner', { hasText: WORDS[language].live }).waitFor();
  return { made, page: browser.page };
}

async function arrived({ desk, docId }: OpinionCase, words: string): Promise<void> {
  const shared = await desk.openDoc(docId);
  await until(() => textOf(shared.doc).includes(words), 20_000, `“${words}” at the relay`);
  await shared.close();
}

/** Unsent things as the navigation counts them. */
async function countOnDevice(page: Browser['page']): Promise<number> {
  const count = page.locator('header nav a[href="/device"] .count');
  return (await count.count()) === 0 ? 0 : Number(await count.textContent());
}

/** True for words that trouble nobody: arrived, on its way, kept. */
function isHarmless(text: string, language: Language): boolean {
  const { live, sending, keptHere } = WORDS[language];
  return text === live || sending.test(text) || keptHere.test(text);
}

function afterKill(said: readonly Said[], killedAt: number, holds: (text: string) => boolean): number {
  return (said.find(({ atMs, text }) => atMs >= killedAt && holds(text))?.atMs ?? Infinity) - killedAt;
}
