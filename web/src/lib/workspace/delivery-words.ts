import { t } from '../text/text.svelte.ts';
import type { Delivery } from './workspace.ts';

/** The spoken name of a stamp of the ladder. */
export function deliveryWords(delivery: Delivery): string {
  switch (delivery) {
    case 'here':
      return t.deliveryHere;
    case 'relay':
      return t.deliveryRelay;
    case 'refused':
      return t.deliveryRefused;
  }
}
