import { Editor, Extension } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { Placeholder } from '@tiptap/extensions';
import { RICH_TEXT_SCHEMA } from '@lianban/sync';
import { ySyncPluginKey, yUndoPluginKey } from '@tiptap/y-tiptap';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { carets, type CaretUser } from './editor-carets.ts';
import { anchorOfSelection, commentMarks, passageOf, redrawComments, type CommentMarks } from './editor-comments.ts';
import { ownNumbers } from './editor-numbers.ts';
import { schemaExtensions } from './editor-schema.ts';
import type { Act } from './editor-acts.ts';
import { withoutStyles } from './pasted-html.ts';
import { slashOf } from './slash.ts';

/** What the bars and menus around the text need to know; a new object after every change. */
export interface EditorLook {
  focused: boolean;
  composing: boolean;
  /** Something is selected. */
  selecting: boolean;
  /** Acts that hold at the selection: `bold` inside bold text, `heading-1` inside a heading. */
  active: ReadonlySet<Act>;
  inTable: boolean;
  canUndo: boolean;
  canRedo: boolean;
  /** What was typed behind the `/` the caret stands at; null where there is none. */
  slash: string | null;
  link: string | null;
}

/** A rich-text editor bound to a shared document. */
export interface RichEditor {
  /** Does what a button or a menu line says; false where it cannot be done here. */
  act(act: Act): boolean;
  /** Does what a line of the `/` menu says, in place of the `/` and what was typed behind it. */
  insert(act: Act): boolean;
  setLink(address: string | null): void;
  /** Anchor and quote of what is selected; null where nothing is. */
  selection(): ReturnType<typeof anchorOfSelection>;
  /** Where the selection, or the caret, stands in the window. */
  place(): { left: number; right: number; top: number; bottom: number };
  /** Draws the passages of the comments again. */
  redraw(): void;
  /** Scrolls a thread's passage into view and selects nothing; false where it was deleted. */
  reveal(thread: CommentMarks['threads'][number]): boolean;
  /** True where a thread's passage still stands. */
  has(thread: CommentMarks['threads'][number]): boolean;
  focus(): void;
  blur(): void;
  close(): void;
}

/** What an editor is made of. */
export interface EditorParts {
  element: HTMLElement;
  doc: Y.Doc;
  awareness: Awareness;
  editable: boolean;
  user: CaretUser;
  hueOf: (person: string) => number;
  nameOf: (name: CaretUser['name']) => string;
  label: string;
  placeholder: () => string;
  marks: () => CommentMarks;
  onthread: (threadId: string) => void;
  /** The comment key: on what is selected. */
  oncomment: () => void;
  onlook: (look: EditorLook) => void;
  /** Keys while a menu is open; true where the menu took it. Never asked while an input method composes. */
  onkey: (event: KeyboardEvent) => boolean;
}

/**
 * Binds an editor to the `default` fragment of a document. Opening writes nothing; the first change of one's own names
 * the schema where none is named. Never called for a document of a newer schema: see `schema-guard.ts`.
 */
export function openEditor(parts: EditorParts): RichEditor {
  const { doc } = parts;
  const editor = new Editor({
    element: parts.element,
    injectCSS: false,
    // as data: the default is markup, which the content policy refuses to parse
    content: { type: 'doc', content: [{ type: 'paragraph' }] },
    editable: parts.editable,
    // what is drawn when the text is not editable stays selectable and reachable by keyboard
    editorProps: {
      attributes: {
        class: 'rich-text',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': parts.label,
        'aria-readonly': parts.editable ? 'false' : 'true',
        tabindex: '0',
        spellcheck: 'false',
      },
      transformPastedHTML: withoutStyles,
      handleKeyDown: (view, event) => {
        if (view.composing || event.isComposing || event.keyCode === 229) return false;
        return parts.onkey(event);
      },
    },
    extensions: [
      ...schemaExtensions(),
      Collaboration.configure({ document: doc, field: 'default' }),
      carets(parts),
      ownNumbers,
      commentMarks({ marks: parts.marks, onclick: parts.onthread }),
      Placeholder.configure({ placeholder: parts.placeholder, showOnlyWhenEditable: false }),
      Extension.create({
        name: 'commentKey',
        addKeyboardShortcuts: () => ({
          'Mod-Alt-m': () => {
            parts.oncomment();
            return true;
          },
        }),
      }),
    ],
  });
  const { view } = editor;
  editor.on('transaction', ({ transaction }) => {
    if (transaction.docChanged && !transaction.getMeta(ySyncPluginKey)) nameSchema(doc);
    look();
  });
  editor.on('focus', look);
  editor.on('blur', look);
  editor.on('create', redraw);
  // the end of a composition is no transaction when nothing came of it
  const composed = () => look();
  view.dom.addEventListener('compositionstart', composed);
  view.dom.addEventListener('compositionend', composed);

  function look(): void {
    if (editor.isDestroyed) return;
    const { selection } = editor.state;
    parts.onlook({
      focused: editor.isFocused,
      composing: view.composing,
      selecting: !selection.empty,
      active: activeActs(editor),
      inTable: editor.isActive('table'),
      canUndo: undoManager(editor).canUndo(),
      canRedo: undoManager(editor).canRedo(),
      slash: view.composing || !parts.editable ? null : slashOf(editor.state),
      link: (editor.getAttributes('link')['href'] as string | undefined) ?? null,
    });
  }

  function redraw(): void {
    if (!editor.isDestroyed) view.dispatch(redrawComments(editor.state));
  }

  return {
    act: (act) => run(editor, act),
    insert(act) {
      const typed = slashOf(editor.state);
      if (typed !== null) {
        const { from } = editor.state.selection;
        editor.commands.deleteRange({ from: from - typed.length - 1, to: from });
      }
      return run(editor, act);
    },
    setLink(address) {
      const chain = editor.chain().focus().extendMarkRange('link');
      (address === null ? chain.unsetLink() : chain.setLink({ href: address })).run();
    },
    selection: () => anchorOfSelection(editor.state),
    place() {
      const { from, to } = editor.state.selection;
      const start = view.coordsAtPos(from);
      const end = view.coordsAtPos(to, -1);
      const left = Math.min(start.left, end.left);
      return {
        left: start.top === end.top ? left : Math.min(left, view.dom.getBoundingClientRect().left),
        right: Math.max(start.right, end.right),
        top: Math.min(start.top, end.top),
        bottom: Math.max(start.bottom, end.bottom),
      };
    },
    redraw,
    reveal(thread) {
      const passage = passageOf(editor.state, thread);
      if (!passage) return false;
      const { node } = view.domAtPos(passage.from);
      const element = node instanceof Element ? node : node.parentElement;
      element?.scrollIntoView({ block: 'center', behavior: 'smooth' });
      return true;
    },
    has: (thread) => passageOf(editor.state, thread) !== null,
    focus: () => void editor.commands.focus(),
    blur: () => void editor.commands.blur(),
    close() {
      view.dom.removeEventListener('compositionstart', composed);
      view.dom.removeEventListener('compositionend', composed);
      parts.awareness.setLocalStateField('cursor', null);
      editor.destroy();
    },
  };
}

function nameSchema(doc: Y.Doc): void {
  const meta = doc.getMap('meta');
  if (meta.get('schema') === undefined) doc.transact(() => meta.set('schema', RICH_TEXT_SCHEMA), 'editor');
}

function undoManager(editor: Editor): Y.UndoManager {
  return (yUndoPluginKey.getState(editor.state) as { undoManager: Y.UndoManager }).undoManager;
}

function activeActs(editor: Editor): Set<Act> {
  const active = new Set<Act>();
  for (const mark of ['bold', 'italic', 'underline', 'strike', 'link'] as const)
    if (editor.isActive(mark)) active.add(mark);
  for (const level of [1, 2, 3] as const) if (editor.isActive('heading', { level })) active.add(`heading-${level}`);
  if (editor.isActive('bulletList')) active.add('bullets');
  if (editor.isActive('orderedList')) active.add('numbers');
  if (editor.isActive('blockquote')) active.add('quote');
  if (editor.isActive('table')) active.add('table');
  return active;
}

function run(editor: Editor, act: Act): boolean {
  if (!editor.isEditable) return false;
  const chain = editor.chain().focus();
  switch (act) {
    case 'bold':
      return chain.toggleBold().run();
    case 'italic':
      return chain.toggleItalic().run();
    case 'underline':
      return chain.toggleUnderline().run();
    case 'strike':
      return chain.toggleStrike().run();
    case 'link':
      return chain.extendMarkRange('link').unsetLink().run();
    case 'paragraph':
      return chain.clearNodes().run();
    case 'heading-1':
      return chain.toggleHeading({ level: 1 }).run();
    case 'heading-2':
      return chain.toggleHeading({ level: 2 }).run();
    case 'heading-3':
      return chain.toggleHeading({ level: 3 }).run();
    case 'bullets':
      return chain.toggleBulletList().run();
    case 'numbers':
      return chain.toggleOrderedList().run();
    case 'quote':
      return chain.toggleBlockquote().run();
    case 'line':
      return chain.setHorizontalRule().run();
    case 'table':
      return editor.isActive('table') ? false : chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run();
    case 'row-above':
      return chain.addRowBefore().run();
    case 'row-below':
      return chain.addRowAfter().run();
    case 'column-left':
      return chain.addColumnBefore().run();
    case 'column-right':
      return chain.addColumnAfter().run();
    case 'delete-row':
      return chain.deleteRow().run();
    case 'delete-column':
      return chain.deleteColumn().run();
    case 'delete-table':
      return chain.deleteTable().run();
    case 'undo':
      return editor.commands.undo();
    case 'redo':
      return editor.commands.redo();
  }
}
