import { Extension } from '@tiptap/core';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
  ySyncPluginKey,
} from '@tiptap/y-tiptap';
import * as Y from 'yjs';

/** A thread that has a passage in this document. */
export interface AnchoredThread {
  id: string;
  anchor: { start: Uint8Array; end: Uint8Array };
}

/** What is underlined just now, and which of it is looked at. */
export interface CommentMarks {
  threads: readonly AnchoredThread[];
  active: string | null;
}

const KEY = new PluginKey<DecorationSet>('comments');

/** Underlines the passages of threads and says which one was clicked. Anchors follow the text as it moves. */
export function commentMarks(options: { marks: () => CommentMarks; onclick: (threadId: string) => void }): Extension {
  return Extension.create({
    name: 'commentMarks',
    addProseMirrorPlugins: () => [
      new Plugin<DecorationSet>({
        key: KEY,
        state: {
          init: () => DecorationSet.empty,
          apply(transaction, before, _old, state) {
            const sync: unknown = transaction.getMeta(ySyncPluginKey);
            // after a change of one's own the shared text follows in a moment; until then positions are mapped
            if (transaction.getMeta(KEY) === undefined && sync === undefined) {
              return transaction.docChanged ? before.map(transaction.mapping, transaction.doc) : before;
            }
            return draw(state, options.marks());
          },
        },
        props: {
          decorations: (state) => KEY.getState(state),
          handleClick(view, position) {
            const [hit] = KEY.getState(view.state)?.find(position, position) ?? [];
            const threadId: unknown = (hit?.spec as { thread?: unknown } | undefined)?.thread;
            if (typeof threadId === 'string') options.onclick(threadId);
            return false;
          },
        },
      }),
    ],
  });
}

/** Says that the threads have changed: a transaction to dispatch. */
export function redrawComments(state: EditorState) {
  return state.tr.setMeta(KEY, true).setMeta('addToHistory', false);
}

/** Where a thread's passage lies now; null where all of it was deleted. */
export function passageOf(state: EditorState, thread: AnchoredThread): { from: number; to: number } | null {
  const sync = syncState(state);
  if (!sync) return null;
  const place = (encoded: Uint8Array): number | null => {
    try {
      return relativePositionToAbsolutePosition(
        sync.doc,
        sync.type,
        Y.decodeRelativePosition(encoded),
        sync.binding.mapping,
      );
    } catch {
      // an anchor is written by others; one that cannot be read marks nothing
      return null;
    }
  };
  const from = place(thread.anchor.start);
  const to = place(thread.anchor.end);
  if (from === null || to === null || to <= from || to > state.doc.content.size) return null;
  return { from, to };
}

/** Anchor and quote for a comment on the selection; null where nothing is selected. */
export function anchorOfSelection(state: EditorState): { anchor: AnchoredThread['anchor']; quote: string } | null {
  const sync = syncState(state);
  const { from, to, empty } = state.selection;
  if (!sync || empty) return null;
  const encode = (position: number) =>
    Y.encodeRelativePosition(
      absolutePositionToRelativePosition(position, sync.type, sync.binding.mapping) as Y.RelativePosition,
    );
  const quote = state.doc.textBetween(from, to, ' ').trim();
  return quote === '' ? null : { anchor: { start: encode(from), end: encode(to) }, quote: quote.slice(0, 200) };
}

interface SyncState {
  doc: Y.Doc;
  type: Y.XmlFragment;
  binding: { mapping: Map<Y.AbstractType<unknown>, never> };
}

function syncState(state: EditorState): SyncState | null {
  const sync = ySyncPluginKey.getState(state) as Partial<SyncState> | undefined;
  return sync?.doc && sync.type && sync.binding && sync.binding.mapping.size > 0 ? (sync as SyncState) : null;
}

function draw(state: EditorState, { threads, active }: CommentMarks): DecorationSet {
  const decorations = threads.flatMap((thread) => {
    const passage = passageOf(state, thread);
    if (!passage) return [];
    const attributes = { class: thread.id === active ? 'comment-mark active' : 'comment-mark' };
    return [Decoration.inline(passage.from, passage.to, attributes, { thread: thread.id })];
  });
  return DecorationSet.create(state.doc, decorations);
}
