import { t } from '../text/text.svelte.ts';

/** Everything a button or a menu line of the editor can do. */
export type Act =
  | 'bold'
  | 'italic'
  | 'underline'
  | 'strike'
  | 'link'
  | 'paragraph'
  | 'heading-1'
  | 'heading-2'
  | 'heading-3'
  | 'bullets'
  | 'numbers'
  | 'quote'
  | 'line'
  | 'table'
  | 'row-above'
  | 'row-below'
  | 'column-left'
  | 'column-right'
  | 'delete-row'
  | 'delete-column'
  | 'delete-table'
  | 'undo'
  | 'redo';

/** The name of an act in the language of now. */
export function actName(act: Act): string {
  const names: Record<Act, string> = {
    bold: t.caseBold,
    italic: t.caseItalic,
    underline: t.caseUnderline,
    strike: t.caseStrike,
    link: t.caseLink,
    paragraph: t.caseParagraph,
    'heading-1': t.caseHeading(1),
    'heading-2': t.caseHeading(2),
    'heading-3': t.caseHeading(3),
    bullets: t.caseBulletList,
    numbers: t.caseNumberedList,
    quote: t.caseQuote,
    line: t.caseLine,
    table: t.caseTable,
    'row-above': t.caseRowAbove,
    'row-below': t.caseRowBelow,
    'column-left': t.caseColumnLeft,
    'column-right': t.caseColumnRight,
    'delete-row': t.caseDeleteRow,
    'delete-column': t.caseDeleteColumn,
    'delete-table': t.caseDeleteTable,
    undo: t.caseUndo,
    redo: t.caseRedo,
  };
  return names[act];
}

/** Lines of the `/` menu; inside a table its rows and columns come first. */
export function insertActs(inTable: boolean): Act[] {
  const blocks: Act[] = ['heading-1', 'heading-2', 'heading-3', 'paragraph', 'bullets', 'numbers', 'quote'];
  if (!inTable) return [...blocks, 'table', 'line'];
  return [
    'row-above',
    'row-below',
    'column-left',
    'column-right',
    'delete-row',
    'delete-column',
    'delete-table',
    ...blocks,
  ];
}

/** Lines that fit what was typed behind the `/`, by name or by English id. */
export function matchingActs(acts: readonly Act[], typed: string): Act[] {
  const wanted = typed.toLowerCase();
  return acts.filter((act) => act.replace('-', '').includes(wanted) || actName(act).toLowerCase().includes(wanted));
}
