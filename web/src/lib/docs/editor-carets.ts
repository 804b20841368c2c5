import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { yCursorPlugin } from '@tiptap/y-tiptap';
import type { Awareness } from 'y-protocols/awareness';

/** Who a caret belongs to, as the relay stamps it into the awareness state of a link. */
export interface CaretUser {
  person: string;
  name: { zh: string; en: string };
  department: string;
}

/** How long a name stands at a caret after it moved, ms. */
const NAME_FOR_MS = 2000;

/**
 * Carets and selections of the others: 2 px in the hue of the person, the name beside it for two seconds after each
 * move. Classes only, no style attribute, for the content policy.
 */
export function carets(options: {
  awareness: Awareness;
  user: CaretUser;
  hueOf: (person: string) => number;
  nameOf: (name: CaretUser['name']) => string;
}) {
  const { awareness, hueOf, nameOf } = options;
  return CollaborationCaret.extend({
    addProseMirrorPlugins() {
      return [
        yCursorPlugin(awareness, {
          cursorBuilder: (stated: unknown, clientId: unknown) => {
            const user = readUser(stated);
            return drawCaret(String(clientId), hueOf(user.person), nameOf(user.name));
          },
          selectionBuilder: (stated: unknown) => ({ class: `remote-selection hue-${hueOf(readUser(stated).person)}` }),
        }) as Plugin,
        namePlugin(awareness),
      ];
    },
  }).configure({ provider: { awareness }, user: options.user });
}

function drawCaret(clientId: string, hue: number, name: string): HTMLElement {
  const caret = document.createElement('span');
  caret.className = `caret hue-${hue} named`;
  caret.dataset['client'] = clientId;
  const label = document.createElement('span');
  label.className = 'caret-name';
  label.textContent = name;
  // word joiners keep the caret on the line of the letter it stands at
  caret.append('\u2060', label, '\u2060');
  fade(caret);
  return caret;
}

/** The plugin that draws carets keeps their elements while they move, so their names are woken here. */
function namePlugin(awareness: Awareness): Plugin {
  return new Plugin({
    key: new PluginKey('caret-names'),
    view: (view) => {
      const last = new Map<number, string>();
      const moved = ({ added, updated }: { added: number[]; updated: number[] }) => {
        for (const clientId of [...added, ...updated]) {
          const cursor = JSON.stringify(awareness.getStates().get(clientId)?.['cursor'] ?? null);
          if (last.get(clientId) === cursor) continue;
          last.set(clientId, cursor);
          const caret = view.dom.querySelector<HTMLElement>(`.caret[data-client="${clientId}"]`);
          if (caret) fade(caret);
        }
      };
      awareness.on('change', moved);
      return { destroy: () => awareness.off('change', moved) };
    },
  });
}

const fading = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();

function fade(caret: HTMLElement): void {
  clearTimeout(fading.get(caret));
  caret.classList.add('named');
  fading.set(
    caret,
    setTimeout(() => caret.classList.remove('named'), NAME_FOR_MS),
  );
}

/** What others state about themselves is theirs to write; only text comes of it. */
function readUser(stated: unknown): { person: string; name: CaretUser['name'] } {
  const user = (typeof stated === 'object' && stated !== null ? stated : {}) as Record<string, unknown>;
  const name = (typeof user['name'] === 'object' && user['name'] !== null ? user['name'] : {}) as Record<
    string,
    unknown
  >;
  const plain = typeof user['name'] === 'string' ? user['name'] : '?';
  const text = (value: unknown) => (typeof value === 'string' ? value : plain).slice(0, 40);
  return {
    person: typeof user['person'] === 'string' ? user['person'] : '',
    name: { zh: text(name['zh']), en: text(name['en']) },
  };
}
