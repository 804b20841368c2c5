import { getContext, setContext } from 'svelte';
import type { Workspace } from './workspace.ts';

const KEY = Symbol('workspace');

/** Gives the workspace to every component below; called once, by the root layout. */
export function provideWorkspace(workspace: Workspace): void {
  setContext(KEY, workspace);
}

/** The workspace of this tab. Throws where the root layout did not provide one. */
export function useWorkspace(): Workspace {
  const workspace = getContext<Workspace | undefined>(KEY);
  if (!workspace) throw new Error('no workspace above this component');
  return workspace;
}
