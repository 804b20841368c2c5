import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { fragmentTree, isChinese } from './fragment-tree.ts';

type Shape = [name: string, ...children: (Shape | string)[]];

function grow([name, ...children]: Shape): Y.XmlElement {
  const element = new Y.XmlElement(name);
  element.insert(
    0,
    children.map((child) => (typeof child === 'string' ? new Y.XmlText(child) : grow(child))),
  );
  return element;
}

function tree(...shapes: Shape[]) {
  const doc = new Y.Doc();
  doc.getXmlFragment('default').push(shapes.map(grow));
  return { doc, blocks: fragmentTree(doc.getXmlFragment('default')) };
}

const words = (text: string) => [{ text, bold: false }];

describe('a document read without an editor', () => {
  it('keeps headings, lists, quotes, tables and lines', () => {
    const { blocks } = tree(
      ['paragraph', '正文'],
      ['orderedList', ['listItem', ['paragraph', '一项']]],
      ['table', ['tableRow', ['tableHeader', ['paragraph', '名称']], ['tableCell', ['paragraph', '面积']]]],
      ['horizontalRule'],
    );
    expect(blocks).toEqual([
      { kind: 'paragraph', runs: words('正文') },
      { kind: 'list', ordered: true, items: [[{ kind: 'paragraph', runs: words('一项') }]] },
      {
        kind: 'table',
        rows: [
          [
            { head: true, blocks: [{ kind: 'paragraph', runs: words('名称') }] },
            { head: false, blocks: [{ kind: 'paragraph', runs: words('面积') }] },
          ],
        ],
      },
      { kind: 'line' },
    ]);
  });

  it('shows what it does not know as its text', () => {
    const { blocks } = tree(['signature', ['stampOf', '永安县'], ['paragraph', '第二段']]);
    expect(blocks).toEqual([
      { kind: 'paragraph', runs: words('永安县') },
      { kind: 'paragraph', runs: words('第二段') },
    ]);
    expect(tree(['paragraph', '甲', ['mention', '乙']]).blocks).toEqual([
      { kind: 'paragraph', runs: [...words('甲'), ...words('乙')] },
    ]);
  });

  it('takes a level it does not know for the lowest', () => {
    const doc = new Y.Doc();
    const heading = new Y.XmlElement('heading');
    heading.setAttribute('level', 'javascript:1');
    doc.getXmlFragment('default').push([heading]);
    expect(fragmentTree(doc.getXmlFragment('default'))).toEqual([
      { kind: 'heading', level: 3, numbered: false, runs: [] },
    ]);
  });

  it('writes nothing', () => {
    const { doc } = tree(['signature', '印']);
    let updates = 0;
    doc.on('update', () => (updates += 1));
    fragmentTree(doc.getXmlFragment('default'));
    expect(updates).toBe(0);
  });

  it('knows the language it is written in by its first words', () => {
    const chinese = (...shapes: Shape[]) => isChinese(tree(...shapes).doc.getXmlFragment('default'));
    expect(chinese()).toBeNull();
    expect(chinese(['paragraph', '12.5'], ['paragraph', '86 平方米'])).toBe(true);
    expect(chinese(['paragraph', 'Floor area'], ['paragraph', '平方米'])).toBe(false);
  });
});
