import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../core/s3/object-store.ts';
import { RequestLimiter } from '../../../core/s3/request-limiter.ts';
import { deleteKeys, type ExtraKey } from '../../../lambdas/delete-objects/delete-keys.ts';

const keyOf = (target: string): ExtraKey => ({
  action: 'extra',
  key: target,
  target,
  size: 1,
  etag: 'listed',
});

/** A store that refuses keys for the reasons given, one an attempt, and what HEAD says of them then. */
function storeOf(refusals: Record<string, string[]>, heads: Record<string, string> = {}) {
  const asked: string[][] = [];
  const store = {
    deleteMany: async (_: string, objects: { key: string; etag: string }[]) => {
      asked.push(objects.map(({ key }) => key));
      expect(objects.every(({ etag }) => etag === 'listed')).toBe(true);
      return objects.flatMap(({ key }) => {
        const code = refusals[key]?.shift();
        return code === undefined ? [] : [{ key, code, message: `${code} it is` }];
      });
    },
    head: async ({ key }: { key: string }) => (heads[key] === undefined ? undefined : { etag: heads[key] }),
  };
  return {
    asked,
    context: { store: store as unknown as ObjectStore, bucket: 'd', limiter: new RequestLimiter(8) },
  };
}

describe('deleteKeys', () => {
  it('asks for 1,000 keys at a time', async () => {
    const { asked, context } = storeOf({});
    const keys = Array.from({ length: 2_500 }, (_, n) => keyOf(`k${n}`));
    expect(await deleteKeys(context, keys)).toEqual({ deleted: 2_500, kept: 0, undeleted: [] });
    expect(asked.map(({ length }) => length).toSorted()).toEqual([1_000, 1_000, 500].toSorted());
  });

  it('asks again for just those that failed for a passing reason', async () => {
    const { asked, context } = storeOf({ b: ['InternalError', 'SlowDown'] });
    const ends = await deleteKeys(context, ['a', 'b', 'c'].map(keyOf));
    expect(ends).toEqual({ deleted: 3, kept: 0, undeleted: [] });
    expect(asked).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  it.each(['NoSuchKey', 'PreconditionFailed'])('counts as deleted what is gone, told by %s', async (code) => {
    const { context } = storeOf({ a: [code] });
    expect(await deleteKeys(context, [keyOf('a')])).toEqual({ deleted: 1, kept: 0, undeleted: [] });
  });

  it('keeps what somebody has written since', async () => {
    const { context } = storeOf({ a: ['PreconditionFailed'] }, { a: 'other' });
    expect(await deleteKeys(context, [keyOf('a')])).toEqual({ deleted: 0, kept: 1, undeleted: [] });
  });

  it('reports every other refusal, with what S3 says', async () => {
    const { context } = storeOf({ a: ['AccessDenied'] }, { a: 'listed' });
    const ends = await deleteKeys(context, ['a', 'b'].map(keyOf));
    const refusal = {
      target: 'a',
      error: 'AccessDenied',
      message: expect.stringMatching(/^AccessDenied it is; add the statement DeleteDestination/),
    };
    expect(ends).toEqual({ deleted: 1, kept: 0, undeleted: [refusal] });
  });
});
