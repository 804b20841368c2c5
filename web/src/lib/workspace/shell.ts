import { getContext, setContext } from 'svelte';

/** What a page may ask of the frame around it; what it knows and does is the workspace's. */
export interface Shell {
  openPalette(): void;
  openHelp(): void;
  /** Signs out, after asking where work waits on this device. */
  askSignOut(): void;
  /** Hands everything unsent to the person as a file. */
  saveUnsent(): Promise<void>;
  /** Says one sentence, on screen for a few seconds and to a screen reader. */
  say(sentence: string): void;
}

const KEY = Symbol('shell');

/** Gives the frame to every page; called once, by the frame itself. */
export function provideShell(shell: Shell): void {
  setContext(KEY, shell);
}

/** The frame around this page. Throws where there is none, as on the sign-in page. */
export function useShell(): Shell {
  const shell = getContext<Shell | undefined>(KEY);
  if (!shell) throw new Error('no shell around this component');
  return shell;
}
