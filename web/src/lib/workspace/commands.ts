/** Something a person can do from anywhere: the palette, the help sheet and the keyboard read the same list. */
export interface Command {
  id: string;
  title: string;
  section: 'go' | 'do';
  /**
   * How it is given from the keyboard: `c`, `?`, a pair as `g i`, or with the command key as `mod+k`. Single keys and
   * pairs act outside text fields only, and can be turned off.
   */
  keys?: string;
  run(): void;
}

/** What of a keyboard event decides. */
export interface KeyPress {
  key: string;
  metaKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
  keyCode: number;
  target: EventTarget | null;
  repeat: boolean;
  timeStamp: number;
}

/** Time within which the second key of a pair must follow, in ms: long enough to look for the key. */
const PAIR_MS = 1500;

/**
 * Reads presses and answers with the command they give, or null. An input method's presses (`isComposing`, or key code
 * 229) never count; keys that input methods and systems use (ux D.15) are not in any command.
 */
export function createKeyReader(options: {
  commands: () => readonly Command[];
  singleKeys: () => boolean;
  /** True where single keys are not commands: a text field, a dialog. */
  elsewhere: (target: EventTarget | null) => boolean;
}): (press: KeyPress) => Command | null {
  let first: { key: string; atMs: number } | null = null;
  return (press) => {
    if (isComposing(press) || press.repeat) return null;
    const waiting = first;
    first = null;
    const commands = options.commands();
    const given = (keys: string): Command | null => commands.find((command) => command.keys === keys) ?? null;
    if (press.altKey) return null;
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    if (press.metaKey || press.ctrlKey) return press.shiftKey ? null : given(`mod+${key}`);
    if (!options.singleKeys() || options.elsewhere(press.target)) return null;
    if (waiting && press.timeStamp - waiting.atMs <= PAIR_MS) return given(`${waiting.key} ${key}`);
    if (commands.some((command) => command.keys?.startsWith(`${key} `))) {
      first = { key, atMs: press.timeStamp };
      return null;
    }
    return given(key);
  };
}

/** True while an input method composes: its presses are text, whatever key they carry. */
export function isComposing(press: Pick<KeyPress, 'isComposing' | 'keyCode'>): boolean {
  return press.isComposing || press.keyCode === 229;
}

/** True where a press is typing: a text field, an editor, a list box. */
export function isText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** True inside a dialog or a menu, which has keys of its own. */
export function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"],[role="menu"]') !== null;
}

/** Keys as people read them: `g i` → `G` `I`, `mod+k` → `Ctrl K` or `⌘ K`. */
export function readableKeys(keys: string, mac: boolean): string[] {
  return keys
    .split(/[ +]/)
    .map((key) => (key === 'mod' ? (mac ? '⌘' : 'Ctrl') : key.length === 1 ? key.toUpperCase() : key));
}
