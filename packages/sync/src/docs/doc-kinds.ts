import type { DocPart } from '@lianban/model';

/**
 * Root types a document of each kind may have, by exact name or, with a trailing `*`, by prefix. Everything else is
 * refused at the door, so that a document holds nothing that no editor shows.
 *
 * `file`: `f/<fieldId>` a multi-value register (Y.Array), `t/<fieldId>` a long text (Y.Text), `c/<itemId>` a checklist
 * tick (Y.Array, the same register). `talk`: `threads` (Y.Array). `doc` and `private`: `default` (Y.XmlFragment, the
 * name every Tiptap and y-prosemirror program uses) and `meta` (Y.Map: `schema`).
 */
export const ROOTS: Record<DocPart, readonly string[]> = {
  file: ['f/*', 't/*', 'c/*'],
  talk: ['threads'],
  doc: ['default', 'meta'],
  private: ['default', 'meta'],
};

/** True when a document of this kind may have a root of this name. */
export function isRootAllowed(part: DocPart, name: string): boolean {
  return ROOTS[part].some((root) =>
    root.endsWith('*') ? name.startsWith(root.slice(0, -1)) && name.length < 80 : root === name,
  );
}

/** Schema version of the rich-text editor this code ships; kept under `schema` in the `meta` root. */
export const RICH_TEXT_SCHEMA = 1;
