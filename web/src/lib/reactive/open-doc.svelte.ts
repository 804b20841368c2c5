import type { DocId } from '@lianban/model';
import type { OpenDoc, Workspace } from '../workspace/workspace.ts';

/** A document on its way to being open. */
export type Opening = { state: 'none' } | { state: 'opening' } | { state: 'open'; open: OpenDoc } | { state: 'failed' };

/** A document that opens with a component, follows its id, and closes with the component. */
export interface OpenedDoc {
  readonly current: Opening;
  /** Tries again after `failed`. */
  again(): void;
}

/** Opens the document `wanted` names, for as long as it names it. Called while a component is made. */
export function openedDoc(workspace: Workspace, wanted: () => DocId | null): OpenedDoc {
  let current = $state.raw<Opening>({ state: 'none' });
  let attempt = $state(0);
  const docId = $derived(wanted());

  $effect(() => {
    void attempt;
    if (docId === null) {
      current = { state: 'none' };
      return;
    }
    let gone = false;
    let open: OpenDoc | undefined;
    current = { state: 'opening' };
    workspace.openDoc(docId).then(
      (opened) => {
        if (gone) {
          opened.close();
          return;
        }
        open = opened;
        current = { state: 'open', open: opened };
      },
      () => {
        if (!gone) current = { state: 'failed' };
      },
    );
    return () => {
      gone = true;
      current = { state: 'none' };
      // components that still show the document leave their fields first
      queueMicrotask(() => open?.close());
    };
  });

  return {
    get current() {
      return current;
    },
    again() {
      attempt += 1;
    },
  };
}
