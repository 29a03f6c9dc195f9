import { describe, expect, it } from 'vitest';
import { deleteGuard, fitsXml } from '../../../core/rules/delete-guard.ts';

const guard = (
  limits: { count?: number; percent?: number },
  objects: number,
  inScope: number,
  listed = inScope,
) => deleteGuard({ count: 1000, percent: 10, ...limits }, { listed, extra: { objects, bytes: 0 }, inScope });

describe('deleteGuard', () => {
  it.each([
    { limits: {}, objects: 0, inScope: 0, listed: 0, why: 'nothing to delete is nothing to guard' },
    { limits: { count: 0 }, objects: 0, inScope: 5, listed: 5, why: 'whatever the limits' },
    { limits: {}, objects: 1000, inScope: 10_000, listed: 1, why: 'just as many as both limits allow' },
    { limits: {}, objects: 10, inScope: 10, listed: 1, why: 'ten may go, also if they are all' },
    {
      limits: { percent: 100 },
      objects: 500,
      inScope: 500,
      listed: 1,
      why: 'all of them, when that is allowed',
    },
    { limits: { percent: 0.5 }, objects: 11, inScope: 2_200, listed: 1, why: 'a part of a percent' },
  ])('lets $objects of $inScope go: $why', ({ limits, objects, inScope, listed }) => {
    expect(guard(limits, objects, inScope, listed)).toBeUndefined();
  });

  it.each([
    { limits: {}, objects: 1, inScope: 100, listed: 0, says: 'since the source lists no key at all' },
    { limits: {}, objects: 1001, inScope: 1e6, listed: 1, says: 'more than `maxDelete.count: 1000`' },
    { limits: { count: 5 }, objects: 6, inScope: 1e6, listed: 1, says: 'more than `maxDelete.count: 5`' },
    { limits: { count: 0 }, objects: 1, inScope: 1e6, listed: 1, says: 'more than `maxDelete.count: 0`' },
    { limits: {}, objects: 11, inScope: 109, listed: 1, says: 'more than `maxDelete.percent: 10`' },
    {
      limits: { percent: 0 },
      objects: 11,
      inScope: 1e9,
      listed: 1,
      says: 'more than `maxDelete.percent: 0`',
    },
  ])('stops $objects of $inScope: $says', ({ limits, objects, inScope, listed, says }) => {
    const why = guard(limits, objects, inScope, listed);
    expect(why).toContain(says);
    expect(why).toContain(`${objects} of ${inScope} destination keys in scope`);
  });
});

describe('fitsXml', () => {
  it.each(['a', 'a/b c', 'ü', '😀', '<&>"\'', ']]>', 'a//', '%0A+'])('takes %j', (key) => {
    expect(fitsXml(key)).toBe(true);
  });

  it.each([
    '\u0000',
    'a\u0007b',
    'a\tb',
    'a\nb',
    'a\rb',
    'a\u0085b',
    'a\u2028b',
    'a\uffff',
    ' a',
    'a ',
    '\u007f',
  ])('does not take %j, which a reader might change', (key) => {
    expect(fitsXml(key)).toBe(false);
  });
});
