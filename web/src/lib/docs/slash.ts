import type { EditorState } from '@tiptap/pm/state';

/**
 * What was typed behind a `/` at the caret: the `/` begins a block or follows a space, and at most twelve letters follow
 * it. At the very beginning of a block `、` counts too: it is what a Chinese keyboard gives for that key. Null elsewhere.
 */
export function slashOf(state: EditorState): string | null {
  const { $from, empty } = state.selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return null;
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, '\ufffc');
  return slashIn(before);
}

/** The same for the text of a block up to the caret. */
export function slashIn(before: string): string | null {
  return /(?:^|\s)\/([^\s/、]{0,12})$/.exec(before)?.[1] ?? /^、([^\s/、，。]{0,12})$/.exec(before)?.[1] ?? null;
}
