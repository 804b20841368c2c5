import { RICH_TEXT_SCHEMA } from '@lianban/sync';
import * as Y from 'yjs';

/** Names of the nodes and marks an editor knows. */
export interface KnownParts {
  nodes: ReadonlySet<string>;
  marks: ReadonlySet<string>;
}

/** How a rich-text document is shown: edited, bound but not editable, or as text only, without an editor. */
export type Footing = 'edit' | 'read' | 'guarded';

/** Decides how a document is shown. What an editor does not know it deletes for everybody, so it must never be bound. */
export function footing(is: { newer: boolean; canWrite: boolean }): Footing {
  if (is.newer) return 'guarded';
  return is.canWrite ? 'edit' : 'read';
}

/** True when the document names a schema newer than this code's, or one that cannot be read. */
export function namesNewerSchema(doc: Y.Doc): boolean {
  const schema: unknown = doc.getMap('meta').get('schema');
  return schema !== undefined && !(typeof schema === 'number' && schema <= RICH_TEXT_SCHEMA);
}

/** True when a tree holds a node or a mark that the editor does not know. Reads only. */
export function hasUnknownParts(type: Y.XmlFragment | Y.XmlText, known: KnownParts): boolean {
  if (type instanceof Y.XmlText) {
    return (type.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]).some(
      (run) =>
        typeof run.insert !== 'string' ||
        Object.keys(run.attributes ?? {}).some((mark) => !known.marks.has(mark.replace(/--[\w+/=]{8}$/, ''))),
    );
  }
  return type.toArray().some((child) => {
    if (child instanceof Y.XmlElement) return !known.nodes.has(child.nodeName) || hasUnknownParts(child, known);
    return child instanceof Y.XmlText ? hasUnknownParts(child, known) : true;
  });
}

/**
 * Calls `newer` once, at the moment a change brings something this code does not know: inside the transaction, before
 * any editor's binding hears of it and could delete it. Returns what ends the watch.
 */
export function watchForNewer(doc: Y.Doc, known: KnownParts, newer: () => void): () => void {
  const look = (transaction: Y.Transaction) => {
    if (!namesNewerSchema(doc) && ![...transaction.changed.keys()].some((type) => isUnknown(type, known))) return;
    stop();
    newer();
  };
  const stop = () => doc.off('beforeObserverCalls', look);
  doc.on('beforeObserverCalls', look);
  return stop;
}

function isUnknown(type: unknown, known: KnownParts): boolean {
  return (type instanceof Y.XmlFragment || type instanceof Y.XmlText) && hasUnknownParts(type, known);
}
