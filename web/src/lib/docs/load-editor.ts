/** The editor and its schema: a chunk of its own, so that nothing of it is in the first load. */
export interface EditorCode {
  editor: typeof import('./editor.ts');
  schema: typeof import('./editor-schema.ts');
}

/** Fetches the editor, once; a fetch that failed is tried again by the next call. */
export async function loadEditor(): Promise<EditorCode> {
  const [editor, schema] = await Promise.all([import('./editor.ts'), import('./editor-schema.ts')]);
  return { editor, schema };
}
