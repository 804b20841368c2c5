import type { FormField } from '@lianban/model';
import type { FieldValue } from '@lianban/sync';
import { figure, language, t, words } from '../text/text.svelte.ts';

/** A value as it is read: a choice by its name, a number with its unit, a date in the language of now. */
export function valueWords(field: FormField, value: FieldValue['value']): string {
  if (value === '') return t.caseCleared;
  switch (field.kind) {
    case 'choice': {
      const option = field.options?.find(({ id }) => id === value);
      return option ? words(option.label) : String(value);
    }
    case 'number': {
      const number = typeof value === 'number' ? figure(value) : String(value);
      return field.unit ? `${number} ${words(field.unit)}` : number;
    }
    case 'date':
      return dateWords(String(value));
    case 'text':
    case 'phone':
    case 'long-text':
      return String(value);
  }
}

function dateWords(value: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T12:00:00`) : undefined;
  if (!at || Number.isNaN(at.getTime())) return value;
  const locale = language() === 'zh' ? 'zh-CN' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(at);
}
