/** How the page is lit. */
export type Theme = 'system' | 'light' | 'dark';

const THEME = 'lianban:theme';
const SINGLE_KEYS = 'lianban:single-keys';

// Like the language these belong to the page of this device, not to the person who is signed in.
let theme = $state<Theme>('system');
let singleKeys = $state(true);

/** The chosen theme. */
export function currentTheme(): Theme {
  return theme;
}

/** Lights the page at once, through `data-theme` on the root element, and remembers it on this device. */
export function setTheme(next: Theme): void {
  theme = next;
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  keep(THEME, next);
}

/** Whether single keys give commands; ⌘K and the like always do. */
export function singleKeysOn(): boolean {
  return singleKeys;
}

/** Turns single keys on or off for this device (WCAG 2.1.4). */
export function setSingleKeys(on: boolean): void {
  singleKeys = on;
  keep(SINGLE_KEYS, on ? 'on' : 'off');
}

/** Takes up what this device remembers; `?theme=` comes first. Called once, by the root layout. */
export function startPreferences(askedTheme: string | null): void {
  setTheme(parseTheme(askedTheme) ?? parseTheme(kept(THEME)) ?? 'system');
  singleKeys = kept(SINGLE_KEYS) !== 'off';
}

function parseTheme(value: string | null): Theme | null {
  return value === 'system' || value === 'light' || value === 'dark' ? value : null;
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // storage refused: the choice lasts for this page, and the sign-in page says that nothing is kept
  }
}
