import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MiB } from '../../../core/model/limits.ts';
import { Deadline } from '../../../core/rules/deadline.ts';

describe('a deadline', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('leaves the time of the invocation less the margin', () => {
    const deadline = new Deadline(10_000, 2_000);
    expect(deadline.leftMillis()).toBe(8_000);

    vi.setSystemTime(1_000_000 + 5_000);

    expect(deadline.leftMillis()).toBe(3_000);
  });

  it.each([
    { after: 7_999, hasPassed: false },
    { after: 8_000, hasPassed: true },
    { after: 9_000, hasPassed: true },
  ])('has passed $after ms after its start: $hasPassed', ({ after, hasPassed }) => {
    const deadline = new Deadline(10_000, 2_000);

    vi.setSystemTime(1_000_000 + after);

    expect(deadline.hasPassed()).toBe(hasPassed);
  });

  // A copy is allowed half a second and 20 MiB per second.
  it.each([
    { left: 1_500, bytes: 20 * MiB, allows: true },
    { left: 1_499, bytes: 20 * MiB, allows: false },
    { left: 500, bytes: 0, allows: true },
    { left: 499, bytes: 0, allows: false },
  ])('allows a copy of $bytes bytes with $left ms left: $allows', ({ left, bytes, allows }) => {
    expect(new Deadline(left, 0).allowsCopy(bytes)).toBe(allows);
  });
});
