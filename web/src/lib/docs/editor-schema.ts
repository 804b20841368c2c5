import { getSchema, type Extensions } from '@tiptap/core';
import { TableKit } from '@tiptap/extension-table';
import { StarterKit } from '@tiptap/starter-kit';
import { isLinkAllowed } from './link-address.ts';
import type { KnownParts } from './schema-guard.ts';

/**
 * Nodes and marks of schema `RICH_TEXT_SCHEMA`: raise it when this list changes. Nothing here writes by itself: no
 * trailing paragraph is added and no history kept, undo belongs to the collaboration.
 */
export function schemaExtensions(): Extensions {
  return [
    StarterKit.configure({
      undoRedo: false,
      trailingNode: false,
      heading: { levels: [1, 2, 3] },
      dropcursor: { class: 'drop-cursor', color: false, width: 2 },
      link: {
        openOnClick: false,
        defaultProtocol: 'https',
        isAllowedUri: (address) => isLinkAllowed(address),
        shouldAutoLink: (address) => isLinkAllowed(address),
        HTMLAttributes: { rel: 'noopener noreferrer nofollow', target: '_blank', class: null },
      },
    }),
    TableKit.configure({ table: { resizable: false } }),
  ];
}

/** What an editor of this version knows; everything else it would delete. */
export function knownParts(): KnownParts {
  const schema = getSchema(schemaExtensions());
  return { nodes: new Set(Object.keys(schema.nodes)), marks: new Set(Object.keys(schema.marks)) };
}
