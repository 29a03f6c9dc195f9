import { describe, expect, it } from 'vitest';
import { parseCopyRequest } from '../../../core/model/copy-request.ts';
import type { ObjectStores } from '../../../core/s3/clients.ts';
import { S3Error } from '../../../core/s3/failures.ts';
import { refuseOtherTempBucket } from '../../../lambdas/prepare/temp-bucket.ts';

const failure = (status: number, region?: string) =>
  new S3Error('HeadBucket', 'parts', { code: String(status), status, region }, new Error('refused'));

/** What S3 answers for the bucket: its region, or a refusal. */
async function look(answer: string | undefined | S3Error, more: Record<string, unknown> = {}) {
  const asked: string[] = [];
  const headBucket = async (bucket: string) => {
    asked.push(bucket);
    if (answer instanceof S3Error) throw answer;
    return answer;
  };
  const stores = { in: () => ({ headBucket }) } as unknown as ObjectStores;
  const request = { src: 's3://source', dest: 's3://destination', tempPrefix: 's3://parts/p', ...more };
  await refuseOtherTempBucket(parseCopyRequest(request), 'eu-west-1', stores);
  return asked;
}

describe('the bucket of part files', () => {
  it.each([
    { is: 'in the region of the destination', answer: 'eu-west-1' },
    { is: 'on a server that tells no region', answer: undefined },
    { is: 'not to be looked at, and S3 does not say where it is', answer: failure(403) },
    { is: 'not to be looked at, in the region of the destination', answer: failure(403, 'eu-west-1') },
  ])('is taken when it is $is', async ({ answer }) => {
    expect(await look(answer)).toEqual(['parts']);
  });

  it.each([
    { answer: 'us-west-2' },
    { answer: failure(403, 'us-west-2') },
    { answer: failure(301, 'us-west-2') },
  ])('is refused in another region, where no part could be copied from it: $answer', async ({ answer }) => {
    await expect(look(answer)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringMatching(
        /^tempPrefix: bucket "parts" is in us-west-2.* name a bucket in eu-west-1/,
      ),
    });
  });

  it('is refused when it does not exist', async () => {
    await expect(look(failure(404))).rejects.toMatchObject({
      name: 'BucketNotFoundError',
      message: 'tempPrefix: bucket "parts" does not exist',
    });
  });

  it.each([
    { why: 'it is that of the destination', more: { tempPrefix: 'temp/' } },
    { why: 'copies are direct', more: { strategy: 'direct' } },
    { why: 'nothing is copied', more: { dest: undefined } },
  ])('is not looked at when $why', async ({ more }) => {
    expect(await look('us-west-2', more)).toEqual([]);
  });
});
