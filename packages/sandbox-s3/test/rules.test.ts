import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from './conformance/expectations.ts';
import { bucket, type Sandbox, startSandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.store.rules.clear());
afterAll(() => sandbox.stop());

const put = (Key: string, Body = 'x') => sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
const get = (Key: string) => sandbox.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
const head = (Key: string) => sandbox.s3.send(new HeadObjectCommand({ Bucket: bucket, Key }));
const copy = (from: string, Key: string) =>
  sandbox.s3.send(new CopyObjectCommand({ Bucket: bucket, Key, CopySource: `${bucket}/${from}` }));

describe('a deny rule', () => {
  it('refuses an action only on keys that match its pattern, until it is removed', async () => {
    await put('secret/a');
    await put('open');
    const denial = sandbox.store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket, key: 'secret/*' });
    await expectError(get('secret/a'), 'AccessDenied', 403);
    await get('open');
    await put('secret/b');
    expect(denial.hits).toBe(1);
    denial.remove();
    await get('secret/a');
  });

  it('does not deny the keys that it exempts', async () => {
    for (const key of ['open/a', 'named', 'named too']) await put(key);
    sandbox.store.rules.add({
      kind: 'deny',
      action: 's3:GetObject',
      bucket,
      unless: { key: ['open/*', 'named'] },
    });
    for (const key of ['open/a', 'named']) await get(key);
    await expectError(get('named too'), 'AccessDenied', 403);
  });

  it('can refuse a copy at its source or at its destination', async () => {
    await put('end');
    sandbox.store.rules.add({ kind: 'deny', action: 's3:GetObject', key: 'end' });
    await expectError(copy('end', 'other'), 'AccessDenied', 403);
    sandbox.store.rules.clear();
    sandbox.store.rules.add({ kind: 'deny', action: 's3:PutObject', key: 'other' });
    await expectError(copy('end', 'other'), 'AccessDenied', 403);
  });

  it('makes the answer for a missing key 403 if the principal may not list the bucket', async () => {
    await expectError(get('missing'), 'NoSuchKey', 404);
    sandbox.store.rules.add({ kind: 'deny', action: 's3:ListBucket', bucket });
    await expectError(get('missing'), 'AccessDenied', 403);
    await expectError(copy('missing', 'x'), 'AccessDenied', 403);
    await expectError(sandbox.s3.send(new ListObjectsV2Command({ Bucket: bucket })), 'AccessDenied', 403);
  });

  it('about tags refuses a copy only if the source has tags', async () => {
    await put('untagged');
    await sandbox.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'tagged', Body: 'x', Tagging: 'a=b' }));
    sandbox.store.rules.add({ kind: 'deny', action: 's3:GetObjectTagging' });
    await copy('untagged', 'x');
    await expectError(copy('tagged', 'x'), 'AccessDenied', 403);
  });

  it('does not hide the region of the bucket', async () => {
    sandbox.store.rules.add({ kind: 'deny', bucket });
    const error = await head('x').catch(
      (failure: { $response: { headers: Record<string, string> } }) => failure,
    );
    expect(error).toMatchObject({
      $response: { statusCode: 403, headers: { 'x-amz-bucket-region': 'us-east-1' } },
    });
  });
});

describe('a fail rule', () => {
  it('answers the next requests of an operation with an error before they take effect', async () => {
    sandbox.store.rules.add({
      kind: 'fail',
      operation: 'PutObject',
      key: 'flaky',
      code: 'SlowDown',
      times: 2,
    });
    await expectError(put('flaky'), 'SlowDown', 503);
    await expectError(put('flaky'), 'SlowDown', 503);
    await expectError(head('flaky'), 'NotFound', 404);
    await put('flaky');
  });

  it('can skip the first matching requests', async () => {
    sandbox.store.rules.add({
      kind: 'fail',
      operation: 'PutObject',
      code: 'InternalError',
      skip: 1,
      times: 1,
    });
    await put('one');
    await expectError(put('two'), 'InternalError', 500);
    await put('three');
  });

  it('that applies after the effect does not undo the request', async () => {
    sandbox.store.rules.add({
      kind: 'fail',
      operation: 'PutObject',
      code: 'InternalError',
      when: 'after',
      times: 1,
    });
    await expectError(put('done'), 'InternalError', 500);
    await head('done');
  });

  it('can put the error into an answer with status 200, before or after the effect', async () => {
    await put('from');
    const rule = {
      kind: 'fail',
      operation: 'CopyObject',
      code: 'InternalError',
      inside: true,
      times: 1,
    } as const;
    sandbox.store.rules.add(rule);
    await expect(copy('from', 'inside')).rejects.toMatchObject({ name: 'InternalError' });
    await expectError(head('inside'), 'NotFound', 404);
    sandbox.store.rules.add({ ...rule, when: 'after' });
    await expect(copy('from', 'inside')).rejects.toMatchObject({ name: 'InternalError' });
    await head('inside');
  });

  it('can put an error into the answer of a Complete that has published its object', async () => {
    const address = { Bucket: bucket, Key: 'completed' };
    const { UploadId } = await sandbox.s3.send(new CreateMultipartUploadCommand(address));
    const { ETag } = await sandbox.s3.send(
      new UploadPartCommand({ ...address, UploadId, PartNumber: 1, Body: 'x' }),
    );
    sandbox.store.rules.add({
      kind: 'fail',
      operation: 'CompleteMultipartUpload',
      code: 'InternalError',
      inside: true,
      when: 'after',
    });
    const complete = { ...address, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
    await expect(sandbox.s3.send(new CompleteMultipartUploadCommand(complete))).rejects.toMatchObject({
      name: 'InternalError',
    });
    await head('completed');
  });

  it('can match the source of a copy', async () => {
    await put('bad');
    await put('good');
    sandbox.store.rules.add({ kind: 'fail', copySource: `${bucket}/bad`, code: 'SlowDown' });
    await expectError(copy('bad', 'x'), 'SlowDown', 503);
    await copy('good', 'x');
  });

  it('with a probability applies to the same requests when the seed is the same', async () => {
    const draw = async (seed: number): Promise<boolean[]> => {
      const other = await startSandbox({ seed });
      other.store.rules.add({ kind: 'fail', operation: 'HeadObject', code: 'SlowDown', probability: 0.5 });
      const outcomes: boolean[] = [];
      for (let i = 0; i < 20; i++) {
        const request = other.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'x' }));
        outcomes.push(
          (await request.catch(
            (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode === 503,
          )) === true,
        );
      }
      await other.stop();
      return outcomes;
    };
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first).size).toBe(2);
  });
});

describe('a reset rule', () => {
  it('closes the connection before or after the request takes effect', async () => {
    sandbox.store.rules.add({ kind: 'reset', operation: 'PutObject', times: 1 });
    await expect(put('reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expectError(head('reset'), 'NotFound', 404);
    sandbox.store.rules.add({ kind: 'reset', operation: 'PutObject', when: 'after', times: 1 });
    await expect(put('reset')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await head('reset');
  });
});

describe('a latency rule', () => {
  it('delays the answer to a request', async () => {
    sandbox.store.rules.add({ kind: 'latency', operation: 'HeadObject', milliseconds: 120 });
    await put('slow');
    const start = performance.now();
    await head('slow');
    expect(performance.now() - start).toBeGreaterThan(110);
  });
});

describe('a truncate rule', () => {
  it('announces the whole body of an object and closes the connection in the middle of it', async () => {
    await put('cut', 'x'.repeat(100_000));
    sandbox.store.rules.add({ kind: 'truncate', operation: 'GetObject', times: 1 });
    const { Body, ContentLength } = await get('cut');
    expect(ContentLength).toBe(100_000);
    await expect(Body?.transformToString()).rejects.toThrow();
    expect(await (await get('cut')).Body?.transformToString()).toHaveLength(100_000);
  });

  it('closes the connection in the middle of a listing', async () => {
    sandbox.store.rules.add({ kind: 'truncate', operation: 'ListObjectsV2', bytes: 20, times: 1 });
    await expect(sandbox.s3.send(new ListObjectsV2Command({ Bucket: bucket }))).rejects.toThrow();
  });
});

describe('a throttle rule', () => {
  it('answers SlowDown to requests that exceed a rate, separately for each folder', async () => {
    const recording = sandbox.store.requests.record();
    const throttle = sandbox.store.rules.add({
      kind: 'throttle',
      operation: 'HeadObject',
      requestsPerSecond: 5,
      per: 'folder',
    });
    const headStatus = (key: string): Promise<number> =>
      head(key).catch(
        (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
      ) as Promise<number>;
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, index) => headStatus(`folder/${index}`)),
    );
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(14);
    expect(statuses.filter((status) => status === 404).length).toBeGreaterThanOrEqual(5);
    expect(await headStatus('elsewhere/1')).toBe(404);
    expect(throttle.hits).toBe(recording.requests.filter(({ status }) => status === 503).length);
  });
});

describe('a mutate rule', () => {
  it('overwrites, archives or deletes an object when a request arrives', async () => {
    const target = { bucket, key: 'victim' };
    const before = await put('victim', 'before');
    sandbox.store.rules.add({
      kind: 'mutate',
      operation: 'CopyObject',
      target,
      change: { type: 'overwrite', body: 'after' },
      times: 1,
    });
    const copied = await copy('victim', 'taken');
    expect(copied.CopyObjectResult?.ETag).not.toBe(before.ETag);
    expect(await (await get('taken')).Body?.transformToString()).toBe('after');
    sandbox.store.rules.add({
      kind: 'mutate',
      operation: 'CopyObject',
      target,
      change: { type: 'storage-class', storageClass: 'GLACIER' },
      times: 1,
    });
    await expect(copy('victim', 'frozen')).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    sandbox.store.rules.add({
      kind: 'mutate',
      operation: 'CopyObject',
      target,
      change: { type: 'delete' },
      times: 1,
    });
    await expectError(copy('victim', 'gone'), 'NoSuchKey', 404);
  });

  it('can remove the checksum of an object', async () => {
    await put('old');
    const look = () =>
      sandbox.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'old', ChecksumMode: 'ENABLED' }));
    expect((await look()).ChecksumType).toBe('FULL_OBJECT');
    const change = { type: 'forget-checksum' } as const;
    sandbox.store.rules.add({ kind: 'mutate', key: 'old', target: { bucket, key: 'old' }, change, times: 1 });
    expect((await look()).ChecksumType).toBeUndefined();
  });
});

describe('a hook', () => {
  it('runs before a matching request, which waits for it', async () => {
    await put('hooked', 'one');
    const hook = sandbox.store.rules.hook(
      { operation: 'GetObject', key: 'hooked', times: 1 },
      async (request) => {
        expect(request).toMatchObject({ operation: 'GetObject', bucket, key: 'hooked', principal: 'local' });
        await put('hooked', 'two');
      },
    );
    expect(await (await get('hooked')).Body?.transformToString()).toBe('two');
    expect(hook.hits).toBe(1);
  });

  it('can run after a request has taken effect, and knows whether the client will get the real answer', async () => {
    await put('from');
    const learned: boolean[] = [];
    const done = { operation: 'CopyObject', key: 'taken', when: 'after' } as const;
    sandbox.store.rules.hook(done, async (_request, isAnswered) => {
      await head('taken');
      learned.push(isAnswered);
    });
    await copy('from', 'taken');
    const lost = {
      kind: 'fail',
      key: 'taken',
      operation: 'CopyObject',
      code: 'NoSuchUpload',
      times: 1,
    } as const;
    sandbox.store.rules.add({ ...lost, when: 'after' });
    await expectError(copy('from', 'taken'), 'NoSuchUpload', 404);
    // The hook does not run for a request that is refused.
    await expectError(copy('missing', 'taken'), 'NoSuchKey', 404);
    expect(learned).toEqual([true, false]);
  });
});

describe('a pattern', () => {
  it('matches any characters with an asterisk, and an asterisk with a backslash before it', async () => {
    sandbox.store.rules.add({ kind: 'fail', operation: 'HeadObject', key: 'a.c\\*/*', code: 'SlowDown' });
    await expect(head('a.c*/x')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    await expect(head('abc*/x')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    await expect(head('a.cc/x')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('a short-page rule', () => {
  it('lists fewer entries than the client asked for, and the rest with a continuation token', async () => {
    for (const key of ['page/1', 'page/2', 'page/3']) await put(key);
    sandbox.store.rules.add({ kind: 'short-page', operation: 'ListObjectsV2', entries: 2 });
    const list = (ContinuationToken?: string) =>
      sandbox.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'page/', ContinuationToken }));
    const first = await list();
    expect(first).toMatchObject({ KeyCount: 2, IsTruncated: true });
    const second = await list(first.NextContinuationToken);
    expect(second).toMatchObject({ KeyCount: 1, IsTruncated: false, Contents: [{ Key: 'page/3' }] });
  });
});

describe('an ignore-parameter rule', () => {
  it('answers as if the request did not have the parameter', async () => {
    await put('ignored/a+b');
    sandbox.store.rules.add({ kind: 'ignore-parameter', bucket, parameter: 'encoding-type', times: 1 });
    const list = () =>
      sandbox.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'ignored/', EncodingType: 'url' }));
    const plain = await list();
    expect(plain.Contents).toMatchObject([{ Key: 'ignored/a+b' }]);
    expect(plain.EncodingType).toBeUndefined();
    expect(await list()).toMatchObject({ EncodingType: 'url', Contents: [{ Key: 'ignored/a%2Bb' }] });
  });
});

describe('an alter rule', () => {
  it('changes every match of its pattern in the answers to the given number of requests', async () => {
    for (const key of ['altered/1', 'altered/2']) await put(key);
    sandbox.store.rules.add({
      kind: 'alter',
      operation: 'ListObjectsV2',
      pattern: '<Key>altered/(\\d)</Key>',
      with: '<Key>other/$1</Key>',
      times: 1,
    });
    const list = async () => {
      const { Contents } = await sandbox.s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: 'altered/' }),
      );
      return Contents?.map(({ Key }) => Key);
    };
    expect(await list()).toEqual(['other/1', 'other/2']);
    expect(await list()).toEqual(['altered/1', 'altered/2']);
  });
});
