import { Extension } from '@tiptap/core';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { isNumbered } from './heading-number.ts';

/** Marks headings whose author typed a number, so that the paper does not number them a second time. */
export const ownNumbers = Extension.create({
  name: 'ownNumbers',
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      key: new PluginKey('own-numbers'),
      state: {
        init: (_config, state) => mark(state.doc),
        apply: (transaction, before) => (transaction.docChanged ? mark(transaction.doc) : before),
      },
      props: {
        decorations(state) {
          return this.getState(state);
        },
      },
    }),
  ],
});

function mark(doc: EditorState['doc']): DecorationSet {
  const marks: Decoration[] = [];
  // headings stand at the top of a document or one step down; nothing below a text block is visited
  doc.descendants((node, at) => {
    if (node.type.name === 'heading' && isNumbered(node.textContent)) {
      marks.push(Decoration.node(at, at + node.nodeSize, { class: 'own-number' }));
    }
    return !node.isTextblock;
  });
  return DecorationSet.create(doc, marks);
}
