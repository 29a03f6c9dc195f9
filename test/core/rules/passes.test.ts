import { describe, expect, it } from 'vitest';
import { PassIndex, wantsAnotherPass } from '../../../core/rules/passes.ts';

describe('another pass', () => {
  it.each([
    { unfinished: 0, finished: 0, inARow: 0, again: false, why: 'nothing is left' },
    { unfinished: 0, finished: 9, inARow: 0, again: false, why: 'all is done' },
    { unfinished: 1, finished: 1, inARow: 0, again: true, why: 'what is left may succeed as the others did' },
    {
      unfinished: 1,
      finished: 0,
      inARow: 0,
      again: false,
      why: 'nothing succeeded, so the next would not either',
    },
    { unfinished: 1, finished: 1, inARow: 4, again: true, why: 'it is the fifth in a row' },
    { unfinished: 1, finished: 1, inARow: 5, again: false, why: 'there were five in a row' },
  ])('$again: $why', ({ again, ...pass }) => {
    expect(wantsAnotherPass(pass)).toBe(again);
  });

  it('follows an index of a strict form', () => {
    const index = { v: 1, objects: 2, multipart: 0, inARow: 1 };
    expect(PassIndex.parse(index)).toEqual(index);
    expect(PassIndex.safeParse({ ...index, more: 1 }).success).toBe(false);
    expect(PassIndex.safeParse({ ...index, v: 2 }).success).toBe(false);
    expect(PassIndex.safeParse({ ...index, objects: -1 }).success).toBe(false);
  });
});
