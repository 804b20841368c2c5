import type { Wording } from '@lianban/model';
import { en } from './en.ts';
import { zh, type Catalogue } from './zh.ts';

/** The languages of the workspace; Chinese is the first. */
export type Language = 'zh' | 'en';

const CATALOGUES: Record<Language, Catalogue> = { zh, en };
const KEY = 'lianban:language';

// The language is a property of the page, like `<html lang>`, which it sets: one for all components, hence outside the
// workspace's context (the sign-in page needs it before there is a workspace to ask).
let chosen = $state<Language>('zh');

/** The language on screen now. */
export function language(): Language {
  return chosen;
}

/** Changes the language at once, for every tab that opens from now on, and on `<html lang>`. */
export function setLanguage(next: Language): void {
  chosen = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // a browser that refuses storage says so on the sign-in page; the language then lasts for this page
  }
}

/** Takes the language from `?lang=`, else from this device, else from the browser. Called once, by the root layout. */
export function startLanguage(asked: string | null): void {
  setLanguage(
    parse(asked) ??
      parse(stored()) ??
      (navigator.language.startsWith('zh') || !navigator.language.startsWith('en') ? 'zh' : 'en'),
  );
}

/**
 * Every sentence people read, in the language of now: `t.signIn`, `t.sendingCount(3)`. Reading a key inside a template,
 * `$derived` or `$effect` follows the language; a constant outside does not.
 */
export const t: Catalogue = new Proxy(zh, {
  get: (_target, key) => Reflect.get(CATALOGUES[chosen], key) as unknown,
});

/** Words that come in both languages (names of departments, templates, people). */
export function words(wording: Wording): string {
  return wording[chosen];
}

/** A whole number with the separators of the language. */
export function figure(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** `14:02` today, else `11-23` or `23 Nov`, with the year where it is not this one. `nowMs` comes from the workspace. */
export function moment(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  if (at.toDateString() === now.toDateString()) return clock(atMs);
  const sameYear = at.getFullYear() === now.getFullYear();
  if (chosen === 'zh') {
    const monthDay = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
    return sameYear ? monthDay : `${at.getFullYear()}-${monthDay}`;
  }
  return new Intl.DateTimeFormat(locale(), {
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

/** `14:02`, 24 hours, in both languages. */
export function clock(atMs: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(atMs);
}

/** `11月24日 星期二`, `Tuesday 24 November`: the day, for the head of a page. */
export function longDate(atMs: number): string {
  const day = new Intl.DateTimeFormat(locale(), { month: 'long', day: 'numeric' }).format(atMs);
  const weekday = new Intl.DateTimeFormat(locale(), { weekday: 'long' }).format(atMs);
  return chosen === 'zh' ? `${day} ${weekday}` : `${weekday} ${day}`;
}

/** Date and time in full, for tooltips and receipts. */
export function fullMoment(atMs: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }).format(atMs);
}

/** `5 minutes ago`, `2 days ago`; `just now` below a minute. */
export function ago(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (seconds < 60) return t.justNow;
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'always', style: 'short' });
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

/** `3.1 MB`, `640 B`; one decimal below ten. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value)} ${units[unit] ?? 'B'}`;
}

function locale(): string {
  return chosen === 'zh' ? 'zh-CN' : 'en-GB';
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function parse(value: string | null): Language | null {
  return value === 'zh' || value === 'en' ? value : null;
}
