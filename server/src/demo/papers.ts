import type { DeviceId, PersonId, Random } from '@lianban/model';
import { beginThread, answerThread, longText, resolveThread, RICH_TEXT_SCHEMA, setField, setTick } from '@lianban/sync';
import * as Y from 'yjs';
import type { Binding, NewUpdate } from '../docs/update-log.ts';
import type { DemoCase } from './cases.ts';
import { personOf, type DemoAccount } from './people.ts';

/** One document as it came to be: updates of several people's devices, in order. */
export interface Paper {
  rows: NewUpdate[];
  bindings: Binding[];
}

/** What the papers of a case are written with. */
export interface Desk {
  random: Random;
  deviceOf: (account: DemoAccount) => DeviceId;
  /** Time of the next change, ms: each call is some minutes later. */
  tick: () => number;
}

/** The form, its long text and its checklist. Values of one field by two people stand side by side. */
export function writeFile(demo: DemoCase, desk: Desk): Paper {
  const paper = openPaper(desk);
  const alone = new Set<string>();
  const isContested = (field: string): boolean => demo.fields.filter(([, name]) => name === field).length > 1;
  // those who set a contested field write before they hear of each other
  for (const [account, field] of demo.fields) if (isContested(field)) alone.add(account);
  for (const account of alone) {
    const own = demo.fields.filter(([who, field]) => who === account && isContested(field));
    paper.apart(account as DemoAccount, (doc, person, at) => {
      for (const [, field, value] of own) setField(doc, field, value, person, at);
    });
  }
  for (const [account, field, value] of demo.fields) {
    if (!isContested(field)) paper.write(account, (doc, person, at) => setField(doc, field, value, person, at));
  }
  for (const [account, text] of demo.remarks ?? []) {
    paper.write(account, (doc) => longText(doc, 'remarks').insert(longText(doc, 'remarks').length, text));
  }
  for (const [account, item] of demo.ticks ?? []) {
    paper.write(account, (doc, person, at) => setTick(doc, item, true, person, at));
  }
  return paper.done();
}

/** A rich text of headings and paragraphs, in the form y-prosemirror gives them, and where its passages stand. */
export function writeText(lines: readonly [DemoAccount, string][], desk: Desk): Paper & { doc: Y.Doc } {
  const paper = openPaper(desk);
  for (const [account, line] of lines) {
    paper.write(account, (doc) => {
      const meta = doc.getMap('meta');
      if (meta.get('schema') === undefined) meta.set('schema', RICH_TEXT_SCHEMA);
      const heading = /^(#+) (.*)$/.exec(line);
      const element = new Y.XmlElement<{ level?: number }>(heading === null ? 'paragraph' : 'heading');
      if (heading?.[1] !== undefined) element.setAttribute('level', heading[1].length);
      element.insert(0, [new Y.XmlText(heading?.[2] ?? line)]);
      const body = doc.getXmlFragment('default');
      body.insert(body.length, [element as Y.XmlElement]);
    });
  }
  return { ...paper.done(), doc: paper.doc() };
}

/** The comments of a case; `text` is document 1, which passages are looked for in. */
export function writeTalk(demo: DemoCase, text: Y.Doc | null, desk: Desk): Paper {
  const paper = openPaper(desk);
  for (const { quote, comments, resolved } of demo.threads ?? []) {
    const anchor = quote === undefined || text === null ? null : anchorOf(text, quote);
    let thread = '';
    for (const [account, words, ...mentioned] of comments) {
      paper.write(account, (doc, person, at) => {
        const comment = { person, at, text: words, mentions: mentioned.map(personOf) };
        if (thread === '') {
          const head = {
            document: anchor === null ? null : ('1' as never),
            anchor,
            quote: anchor === null ? '' : (quote ?? ''),
          };
          thread = beginThread(doc, head, comment, desk.random);
        } else {
          answerThread(doc, thread, comment, desk.random);
        }
      });
    }
    const last = comments.at(-1)?.[0];
    if (resolved === true && last !== undefined) {
      paper.write(last, (doc, person, at) => resolveThread(doc, thread, true, person, at));
    }
  }
  return paper.done();
}

function openPaper({ random, deviceOf, tick }: Desk) {
  const rows: NewUpdate[] = [];
  const bindings: Binding[] = [];
  const docs = new Map<DemoAccount, Y.Doc>();
  const apart: NewUpdate[] = [];

  /** Runs a change in the person's own document and keeps the update it makes. */
  const change = (
    account: DemoAccount,
    into: NewUpdate[],
    write: (doc: Y.Doc, person: PersonId, atMs: number) => void,
  ): void => {
    const person = personOf(account);
    const holder = `device:${deviceOf(account)}` as const;
    let doc = docs.get(account);
    if (doc === undefined) {
      doc = new Y.Doc();
      doc.clientID = clientIdFrom(random);
      docs.set(account, doc);
      bindings.push({ clientId: doc.clientID, holder, person });
    }
    for (const { bytes } of rows) Y.applyUpdate(doc, bytes, 'earlier');
    const atMs = tick();
    const keep = (bytes: Uint8Array, origin: unknown): void => {
      if (origin !== 'earlier') into.push({ bytes, holder, person, atMs });
    };
    doc.on('update', keep);
    doc.transact(() => write(doc, person, atMs), 'demo');
    doc.off('update', keep);
  };

  return {
    write: (account: DemoAccount, write: (doc: Y.Doc, person: PersonId, atMs: number) => void) => {
      rows.push(...apart.splice(0));
      change(account, rows, write);
    },
    apart: (account: DemoAccount, write: (doc: Y.Doc, person: PersonId, atMs: number) => void) =>
      change(account, apart, write),
    doc: (): Y.Doc => {
      const doc = new Y.Doc();
      for (const { bytes } of rows) Y.applyUpdate(doc, bytes);
      return doc;
    },
    done: (): Paper => {
      rows.push(...apart.splice(0));
      return { rows, bindings };
    },
  };
}

/** Start and end of a passage as relative positions; null when the text does not hold it. */
function anchorOf(doc: Y.Doc, quote: string): { start: Uint8Array; end: Uint8Array } | null {
  for (const node of doc.getXmlFragment('default').createTreeWalker((one) => one instanceof Y.XmlText)) {
    const text = node as Y.XmlText;
    const at = text.toJSON().indexOf(quote);
    if (at < 0) continue;
    const position = (index: number, assoc: number): Uint8Array =>
      Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index, assoc));
    return { start: position(at, 0), end: position(at + quote.length, -1) };
  }
  return null;
}

/** A 53-bit client id, as the workspace draws them. */
function clientIdFrom(random: Random): number {
  let id = 0;
  for (const byte of random.bytes(6)) id = id * 256 + byte;
  return id + 1;
}
