import { accept, refuse, type PersonId, type Result } from '@lianban/model';
import { MAX_IDS_PER_HOLDER, type DecodedUpdate, type DocState } from '@lianban/sync';
import type { Binding, Holder } from './update-log.ts';

/** Who sends an update, as far as client ids are concerned. */
export interface Sender {
  readonly holder: Holder;
  readonly person: PersonId;
  readonly canWrite: boolean;
  /** True when the sender may begin to use a client id that nobody holds. */
  mayIntroduce(clientId: number): boolean;
}

/**
 * Decides whether a checked update may be stored (reliability B2, item 2): every client id that it brings something new
 * under is held by the sender, or nobody's yet and the sender's to introduce. Returns the bindings that are new. A
 * client id of a stock client stays with the person when they sign in again: their editor goes on under the same id.
 *
 * Refuses with `read-only`, `foreign-client-id` and, above 4,096 ids of one holder in one document, `too-many`.
 */
export function admission(
  update: Pick<DecodedUpdate, 'blocks'>,
  sender: Sender,
  state: Pick<DocState, 'clockOf'>,
  bindings: ReadonlyMap<number, Binding>,
): Result<Binding[]> {
  if (!sender.canWrite) return refuse('read-only', 'something new from somebody who only reads');
  const introduced: Binding[] = [];
  for (const { client, end } of update.blocks) {
    if (end <= state.clockOf(client)) continue;
    const binding = bindings.get(client);
    if (binding) {
      if (!holds(sender, binding)) return refuse('foreign-client-id', `client ${client} is held by ${binding.holder}`);
    } else if (sender.mayIntroduce(client)) {
      introduced.push({ clientId: client, holder: sender.holder, person: sender.person });
    } else {
      return refuse('foreign-client-id', `client ${client} was not announced`);
    }
  }
  if (introduced.length > 0 && heldBy(sender.holder, bindings) + introduced.length > MAX_IDS_PER_HOLDER) {
    return refuse('too-many', `${sender.holder} holds ${MAX_IDS_PER_HOLDER} client ids of this document`);
  }
  return accept(introduced);
}

function heldBy(holder: Holder, bindings: ReadonlyMap<number, Binding>): number {
  let count = 0;
  for (const binding of bindings.values()) if (binding.holder === holder) count++;
  return count;
}

/** True when `sender` may use a client id that is bound. */
export function holds(sender: Pick<Sender, 'holder' | 'person'>, binding: Binding): boolean {
  if (binding.holder === sender.holder) return true;
  const bothStock = binding.holder.startsWith('session:') && sender.holder.startsWith('session:');
  return bothStock && binding.person === sender.person;
}
