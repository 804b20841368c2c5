import { accept, refuse, type PersonId, type Result } from '@lianban/model';
import type { DecodedUpdate, DocState } from '@lianban/sync';
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
 * Refuses with `read-only` and `foreign-client-id`.
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
  return accept(introduced);
}

/** True when `sender` may use a client id that is bound. */
export function holds(sender: Pick<Sender, 'holder' | 'person'>, binding: Binding): boolean {
  if (binding.holder === sender.holder) return true;
  const bothStock = binding.holder.startsWith('session:') && sender.holder.startsWith('session:');
  return bothStock && binding.person === sender.person;
}
