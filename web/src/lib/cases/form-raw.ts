import { readField, readTick } from '@lianban/sync';
import type * as Y from 'yjs';

/** One root of a form that this version has no template for. */
export interface RawField {
  id: string;
  values: string[];
}

/** Everything a form holds, by the names of its roots; reads and never writes. */
export function rawFields(doc: Y.Doc): RawField[] {
  const fields: RawField[] = [];
  for (const name of [...doc.share.keys()].sort()) {
    const id = name.slice(2);
    if (name.startsWith('f/')) {
      fields.push({ id, values: readField(doc, id).map(({ value }) => String(value)) });
    } else if (name.startsWith('t/')) {
      fields.push({ id, values: [doc.getText(name).toString()] });
    } else if (name.startsWith('c/')) {
      fields.push({ id, values: [readTick(doc, id) ? '✓' : ''] });
    }
  }
  return fields.filter(({ values }) => values.some((value) => value !== ''));
}
