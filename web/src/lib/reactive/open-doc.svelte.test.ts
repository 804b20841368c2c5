import { CaseId, docIdOf, type DocId } from '@lianban/model';
import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { OpenDoc, Workspace } from '../workspace/workspace.ts';
import { openedDoc, type OpenedDoc } from './open-doc.svelte.ts';

const caseId = CaseId.parse('350481-01j00000000000000000000001');
const file = docIdOf({ caseId, part: 'file' });
const talk = docIdOf({ caseId, part: 'talk' });

function stage(fail: () => boolean = () => false) {
  const events: string[] = [];
  const workspace = {
    openDoc: async (docId: DocId) => {
      events.push(`open ${docId.slice(-4)}`);
      if (fail()) throw new Error('the store is busy');
      return { docId, close: () => events.push(`close ${docId.slice(-4)}`) } as unknown as OpenDoc;
    },
  } as unknown as Workspace;
  let wanted = $state<DocId | null>(file);
  let opened: OpenedDoc | undefined;
  const stop = $effect.root(() => {
    opened = openedDoc(workspace, () => wanted);
  });
  const settle = async () => {
    flushSync();
    await new Promise((resolve) => setTimeout(resolve));
    flushSync();
  };
  return {
    events,
    stop,
    settle,
    want: (docId: DocId | null) => {
      wanted = docId;
    },
    get opened() {
      return opened as OpenedDoc;
    },
  };
}

describe('a document that opens with a component', () => {
  it('opens, follows what is wanted, and closes with the component', async () => {
    const at = stage();
    flushSync();
    expect(at.opened.current.state).toBe('opening');
    await at.settle();
    expect(at.opened.current.state).toBe('open');
    at.want(talk);
    await at.settle();
    at.want(null);
    await at.settle();
    expect(at.opened.current.state).toBe('none');
    at.stop();
    await at.settle();
    expect(at.events).toEqual(['open file', 'open talk', 'close file', 'close talk']);
  });

  it('closes what arrives after it is no longer wanted', async () => {
    const at = stage();
    flushSync();
    at.stop();
    await at.settle();
    expect(at.events).toEqual(['open file', 'close file']);
  });

  it('says that it failed, and tries again when asked', async () => {
    let broken = true;
    const at = stage(() => broken);
    await at.settle();
    expect(at.opened.current.state).toBe('failed');
    broken = false;
    at.opened.again();
    await at.settle();
    expect(at.opened.current.state).toBe('open');
    at.stop();
  });
});
