import { clock, size, t } from '../text/text.svelte.ts';
import type { SyncState, SyncView } from './workspace.ts';

/** The sync line in words (ux D.17). `tone` is a colour that only repeats what the words say. */
export interface SyncLine {
  short: string;
  detail: string;
  tone: 'quiet' | 'local' | 'wait' | 'late';
  /** A person can do something about it: try the line at once. */
  canTry: boolean;
}

const TONES: Record<SyncState, SyncLine['tone']> = {
  live: 'quiet',
  sending: 'quiet',
  weak: 'local',
  reconnecting: 'quiet',
  offline: 'local',
  returning: 'quiet',
  attention: 'wait',
  signin: 'wait',
  update: 'wait',
  full: 'wait',
  broken: 'late',
};

/** Words for a state of the line; `refusedTitle` names the first thing the relay did not accept. */
export function syncLine(view: SyncView, refusedTitle: string | null): SyncLine {
  const { short, detail } = sentences(view, refusedTitle);
  const canTry = view.state === 'offline' || view.state === 'reconnecting' || view.state === 'weak';
  return { short, detail, tone: TONES[view.state], canTry };
}

function sentences(view: SyncView, refusedTitle: string | null): { short: string; detail: string } {
  switch (view.state) {
    case 'live':
      // the first seconds of a silence show no problem, and must not claim an arrival either; where nothing waits,
      // everything has arrived
      if (view.unsent > 0) return { short: t.syncOfflineKept(view.unsent), detail: t.syncSendingDetail };
      return { short: t.syncLive, detail: t.syncLiveDetail };
    case 'sending':
      return { short: t.syncSending(view.unsent), detail: t.syncSendingDetail };
    case 'weak':
      return { short: t.syncWeak, detail: t.syncWeakDetail };
    case 'reconnecting':
      return { short: t.syncReconnecting, detail: t.syncReconnectingDetail };
    case 'offline': {
      const since = t.syncOffline(clock(view.lostSinceMs ?? Date.now()));
      const short = view.unsent > 0 ? `${since} · ${t.syncOfflineKept(view.unsent)}` : since;
      return { short, detail: t.syncOfflineDetail };
    }
    case 'returning': {
      const { done, total } = view.catchingUp ?? { done: 0, total: 0 };
      return { short: t.syncReturning(done, total), detail: t.syncReturningDetail };
    }
    case 'attention':
      return {
        short: t.syncAttention(view.refused),
        detail: refusedTitle === null ? t.syncAttention(view.refused) : t.syncAttentionDetail(refusedTitle),
      };
    case 'signin':
      return { short: t.syncSignin, detail: t.syncSigninDetail };
    case 'update':
      return { short: t.syncUpdateNeeded, detail: t.syncUpdateNeededDetail(view.unsent) };
    case 'full': {
      const free = view.storage.freeBytes;
      return { short: free === null ? t.syncFullUnknown : t.syncFull(size(free)), detail: t.syncFullDetail };
    }
    case 'broken':
      return { short: t.syncBroken, detail: t.syncBrokenDetail };
  }
}
