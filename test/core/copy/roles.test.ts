import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Place } from './store-harness.ts';

let place: Place;

beforeAll(async () => {
  place = await Place.open();
  await place.bucket('source');
});
afterAll(() => place.close());

it('a role that is refused in the middle of a run fails each object by its name, and is asked for once', async () => {
  const keys = ['a', 'b', 'c', 'd'];
  for (const Key of keys) await place.s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body: Key }));
  const copy = 'arn:aws:iam::111111111111:role/copier';
  const run = await place.run(await place.bucket('destination'), { roles: { copy }, concurrency: 1 });
  place.store.rules.add({ kind: 'deny', action: 'sts:AssumeRole', key: copy });
  const recording = place.store.requests.record();
  const results = await place.copyAll(run, keys);
  recording.stop();
  expect(results).toHaveLength(keys.length);
  for (const result of results) {
    expect(result).toMatchObject({ status: 'failed', error: 'PermissionError', passing: false });
    expect(result.message).toContain(`roles.copy: AssumeRole of ${copy}: AccessDenied`);
  }
  expect(recording.requests.filter(({ status }) => status === 403)).toHaveLength(1);
});
