import type { Person, PersonId } from '@lianban/model';

/** What was typed behind an `@` at the caret, full width included; null where there is none. */
export function mentionAt(text: string, caret: number): string | null {
  return /[@＠]([^\s@＠，。；、：]{0,20})$/.exec(text.slice(0, caret))?.[1] ?? null;
}

/** People that fit what was typed behind the `@`: a part of the name in either language, or the start of the account. */
export function matchingPeople(people: readonly Person[], typed: string, limit = 8): Person[] {
  const wanted = typed.toLowerCase();
  return people
    .filter(
      ({ name, account }) =>
        name.zh.includes(typed) || name.en.toLowerCase().includes(wanted) || account.startsWith(wanted),
    )
    .slice(0, limit);
}

/** Puts a name in place of the `@` and what was typed behind it; also says where the caret goes. */
export function withMention(text: string, caret: number, name: string): { text: string; caret: number } {
  const typed = mentionAt(text, caret);
  if (typed === null) return { text, caret };
  const head = `${text.slice(0, caret - typed.length - 1)}@${name} `;
  return { text: head + text.slice(caret), caret: head.length };
}

/** Those of the chosen whose name still stands in the text when it is sent. */
export function mentionsIn(text: string, chosen: readonly { id: PersonId; name: string }[]): PersonId[] {
  return [...new Set(chosen.filter(({ name }) => text.includes(`@${name}`)).map(({ id }) => id))];
}
