import * as Y from 'yjs';
import { isNumbered } from './heading-number.ts';

/** A rich-text tree as plain data for reading: only what can be drawn safely; everything else is its text. */
export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; numbered: boolean; runs: Run[] }
  | { kind: 'paragraph'; runs: Run[] }
  | { kind: 'list'; ordered: boolean; items: Block[][] }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'table'; rows: { head: boolean; blocks: Block[] }[][] }
  | { kind: 'line' };

/** Text of one look. */
export interface Run {
  text: string;
  bold: boolean;
}

/** Reads a fragment without a schema and without writing. Unknown nodes are shown as their text, never dropped. */
export function fragmentTree(fragment: Y.XmlFragment): Block[] {
  return blocksOf(fragment);
}

/** True where the first text of a fragment is written with Chinese characters; null where there is no text yet. */
export function isChinese(fragment: Y.XmlFragment): boolean | null {
  for (const node of fragment.createTreeWalker((type) => type instanceof Y.XmlText)) {
    const text = runsOf(node as Y.XmlText)
      .map((run) => run.text)
      .join('');
    if (/\p{L}/u.test(text)) return /\p{Script=Han}/u.test(text);
  }
  return null;
}

function blocksOf(parent: Y.XmlFragment): Block[] {
  const blocks: Block[] = [];
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlElement) blocks.push(...blockOf(child));
    else if (child instanceof Y.XmlText) {
      const runs = runsOf(child);
      if (runs.length > 0) blocks.push({ kind: 'paragraph', runs });
    }
  }
  return blocks;
}

function blockOf(element: Y.XmlElement): Block[] {
  switch (element.nodeName) {
    case 'paragraph':
      return [{ kind: 'paragraph', runs: inline(element) }];
    case 'heading': {
      const level = Number(element.getAttribute('level'));
      const runs = inline(element);
      const numbered = isNumbered(runs.map(({ text }) => text).join(''));
      return [{ kind: 'heading', level: level === 1 || level === 2 ? level : 3, numbered, runs }];
    }
    case 'bulletList':
    case 'orderedList':
      return [
        {
          kind: 'list',
          ordered: element.nodeName === 'orderedList',
          items: elements(element).map((item) => blocksOf(item)),
        },
      ];
    case 'blockquote':
      return [{ kind: 'quote', blocks: blocksOf(element) }];
    case 'table':
      return [
        {
          kind: 'table',
          rows: elements(element).map((row) =>
            elements(row).map((cell) => ({ head: cell.nodeName === 'tableHeader', blocks: blocksOf(cell) })),
          ),
        },
      ];
    case 'horizontalRule':
      return [{ kind: 'line' }];
    default:
      return blocksOf(element);
  }
}

/** Runs of an element whose children are text; text deeper down is taken along. */
function inline(element: Y.XmlElement): Run[] {
  return element.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return runsOf(child);
    if (child instanceof Y.XmlElement)
      return child.nodeName === 'hardBreak' ? [{ text: '\n', bold: false }] : inline(child);
    return [];
  });
}

function runsOf(text: Y.XmlText): Run[] {
  return (text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]).flatMap((run) =>
    typeof run.insert === 'string' ? [{ text: run.insert, bold: run.attributes?.['bold'] !== undefined }] : [],
  );
}

function elements(parent: Y.XmlElement): Y.XmlElement[] {
  return parent.toArray().filter((child) => child instanceof Y.XmlElement);
}
