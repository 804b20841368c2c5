import { describe, expect, it } from 'vitest';
import { createAckLedger } from './ack-ledger.ts';

describe('the change frames of one connection', () => {
  it('are numbered from 1 in the order they are sent', () => {
    const ledger = createAckLedger();
    expect([ledger.sent(['a']), ledger.sent([]), ledger.sent(['b'])]).toEqual([1, 2, 3]);
    expect(ledger.open()).toBe(3);
  });

  it('free what they cover when they are acknowledged, once, in any order', () => {
    const ledger = createAckLedger();
    ledger.sent(['a', 'b']);
    ledger.sent(['c']);
    expect(ledger.acked([2])).toEqual(['c']);
    expect(ledger.open()).toBe(1);
    expect(ledger.acked([2, 1, 99])).toEqual(['a', 'b']);
    expect(ledger.open()).toBe(0);
  });

  it('give up on a refusal only what no other open frame covers', () => {
    const ledger = createAckLedger();
    ledger.sent(['a', 'b']);
    ledger.sent(['b', 'c']);
    expect(ledger.refused(1)).toEqual(['a']);
    expect(ledger.refused(2)).toEqual(['b', 'c']);
    expect(ledger.refused(3)).toEqual([]);
  });

  it('closes an update that was answered with a step 1 once the step 2 behind it is acknowledged', () => {
    const ledger = createAckLedger();
    ledger.sent(['a']);
    ledger.sent(['a', 'b'], true);
    ledger.sent(['c']);
    expect(ledger.acked([2])).toEqual(['a', 'b']);
    expect(ledger.open()).toBe(1);
    expect(ledger.acked([3])).toEqual(['c']);
  });
});
