import type { EditorParts, RichEditor } from './editor.ts';
import type { KnownParts } from './schema-guard.ts';

/** The editor and what it knows: a chunk of its own, so that nothing of it is in the first load. */
export interface EditorCode {
  openEditor(parts: EditorParts): RichEditor;
  known: KnownParts;
}

/** Fetches the editor, once; a fetch that failed is tried again by the next call. */
export async function loadEditor(): Promise<EditorCode> {
  const { openEditor } = await import('./editor.ts');
  const { knownParts } = await import('./editor-schema.ts');
  return { openEditor, known: knownParts() };
}
