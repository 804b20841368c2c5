import { describe, expect, it } from 'vitest';
import { createKeyReader, readableKeys, type Command, type KeyPress } from './commands.ts';

const command = (id: string, keys?: string): Command => ({
  id,
  title: id,
  section: 'do',
  ...(keys === undefined ? {} : { keys }),
  run: () => undefined,
});
const commands = [
  command('inbox', 'g i'),
  command('cases', 'g c'),
  command('new', 'c'),
  command('palette', 'mod+k'),
  command('none'),
];

function press(key: string, more: Partial<KeyPress> = {}): KeyPress {
  return {
    key,
    metaKey: false,
    ctrlKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    keyCode: 0,
    target: null,
    repeat: false,
    timeStamp: 0,
    ...more,
  };
}

function reader(options: { singleKeys?: boolean; typing?: boolean } = {}): (pressed: KeyPress) => string | undefined {
  const read = createKeyReader({
    commands: () => commands,
    singleKeys: () => options.singleKeys ?? true,
    elsewhere: () => options.typing ?? false,
  });
  return (pressed) => read(pressed)?.id;
}

describe('the keys of commands', () => {
  it('are single keys, pairs, and the command key with a letter', () => {
    const read = reader();
    expect(read(press('c'))).toBe('new');
    expect(read(press('g'))).toBeUndefined();
    expect(read(press('C'))).toBe('cases');
    expect(read(press('k', { ctrlKey: true }))).toBe('palette');
    expect(read(press('k', { metaKey: true }))).toBe('palette');
  });

  it('forget the first key of a pair after a second and a half, and after any other key', () => {
    const read = reader();
    read(press('g', { timeStamp: 1000 }));
    expect(read(press('c', { timeStamp: 2501 }))).toBe('new');
    read(press('g'));
    expect(read(press('x'))).toBeUndefined();
    expect(read(press('i'))).toBeUndefined();
  });

  it('do nothing while an input method composes, on repeats, and with Alt or Ctrl+Shift', () => {
    const read = reader();
    expect(read(press('c', { isComposing: true }))).toBeUndefined();
    expect(read(press('c', { keyCode: 229 }))).toBeUndefined();
    expect(read(press('c', { repeat: true }))).toBeUndefined();
    expect(read(press('c', { altKey: true }))).toBeUndefined();
    expect(read(press('K', { ctrlKey: true, shiftKey: true }))).toBeUndefined();
  });

  it('leave single keys to text fields and to who turned them off, not the command key', () => {
    for (const read of [reader({ typing: true }), reader({ singleKeys: false })]) {
      expect(read(press('c'))).toBeUndefined();
      expect(read(press('g'))).toBeUndefined();
      expect(read(press('i'))).toBeUndefined();
      expect(read(press('k', { ctrlKey: true }))).toBe('palette');
    }
  });

  it('are shown as they stand on the keyboard', () => {
    expect(readableKeys('g i', false)).toEqual(['G', 'I']);
    expect(readableKeys('mod+k', false)).toEqual(['Ctrl', 'K']);
    expect(readableKeys('mod+k', true)).toEqual(['⌘', 'K']);
  });
});
