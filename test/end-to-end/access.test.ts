import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Recording } from 'sandbox-s3/request-log';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { World } from './world.ts';

/** Every function but the report, which shares its keys with the Step Functions API. */
const steps = [
  'prepare',
  'plan',
  'copy-objects',
  'open-object',
  'make-temp-files',
  'make-part-files',
  'finalize-object',
  'reconcile',
  'delete-objects',
];
const accounts = { source: '111111111111', destination: '222222222222' };
const functions = {
  accessKeyId: 'functions',
  secretAccessKey: 'secret of the functions',
  principal: 'functions',
};
const owners = Object.entries(accounts).map(([name, account]) => ({
  accessKeyId: name,
  secretAccessKey: `secret of ${name}`,
  principal: `arn:aws:iam::${account}:user/owner`,
}));
const roles = {
  copy: `arn:aws:iam::${accounts.source}:role/team/copier`,
  destination: `arn:aws:iam::${accounts.destination}:role/lister`,
};
const copier = `arn:aws:sts::${accounts.source}:assumed-role/copier/*`;
const lister = `arn:aws:sts::${accounts.destination}:assumed-role/lister/*`;

describe('who asks, and for whom', () => {
  let world: World;
  let source: string;
  let destination: string;
  let recording: Recording;
  let count = 0;

  beforeAll(async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: functions.accessKeyId,
      AWS_SECRET_ACCESS_KEY: functions.secretAccessKey,
    };
    const overrides = Object.fromEntries(steps.map((step) => [step, { environment }]));
    world = await World.start({ overrides, store: { credentials: [functions, ...owners] } });
  });
  afterAll(() => world.stop());

  beforeEach(async () => {
    count += 1;
    [source, destination] = [`source-${count}`, `destination-${count}`];
    for (const [Bucket, credentials] of [
      [source, owners[0]],
      [destination, owners[1]],
    ] as const) {
      const s3 = new S3Client({
        endpoint: world.local.s3Url,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: credentials as NonNullable<typeof credentials>,
      });
      await s3.send(new CreateBucketCommand({ Bucket }));
    }
    await world.put(source, 'folder-001/simple', 'simple', { Tagging: 'a=b' });
    await world.putParts(source, 'folder-001/staged', 2, { Tagging: 'a=b' });
    recording = world.store.requests.record();
  });
  afterEach(() => {
    recording.stop();
    world.store.rules.clear();
  });

  const deny = (principal: string, action: string | readonly string[], bucket: string, prefix?: string) =>
    world.store.rules.add({
      kind: 'deny',
      principal,
      action,
      bucket,
      ...(prefix === undefined ? {} : { unless: { prefix } }),
    });

  /** What was asked at source and destination, but for what the test itself looked at. */
  const asked = () =>
    recording.requests.filter(
      ({ bucket, principal }) => (bucket === source || bucket === destination) && principal !== 'local',
    );

  const request = () => ({ src: `s3://${source}`, dest: `s3://${destination}` });

  it('says the owners and the payer in every request to their buckets, whatever the run does', async () => {
    await world.putParts(source, 'folder-001/fanned-out', 5);
    await world.put(source, 'keys.txt', 'folder-001/simple\nfolder-001/none\n');
    const said = { srcOwner: accounts.source, destOwner: accounts.destination, requestPayer: true };
    const first = await world.run({ ...request(), ...said, keepParts: false });
    expect(first).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    await world.put(source, 'folder-001/simple', 'changed');
    const filesFrom = `s3://${source}/keys.txt`;
    const second = await world.run({ ...request(), ...said, filesFrom });
    expect(second).toMatchObject({ status: 'FAILED', report: { copied: 1, missing: 1 } });
    const third = await world.run({
      ...request(),
      ...said,
      compare: 'always',
      src: `s3://${source}/folder-001`,
    });
    expect(third).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    const operations = new Set(asked().map(({ operation }) => operation));
    expect([...operations]).toEqual(
      expect.arrayContaining(['HeadBucket', 'ListObjectsV2', 'HeadObject', 'GetObject', 'CopyObject']),
    );
    expect([...operations]).toEqual(
      expect.arrayContaining(['UploadPartCopy', 'CompleteMultipartUpload', 'PutObject', 'DeleteObjects']),
    );
    const wrong = asked().filter(({ bucket, owner, copySource, sourceOwner, payer }) => {
      const from = copySource?.split('/')[0];
      const isPaid = bucket === source || from === source;
      const ownerOf = (name: string | undefined) =>
        name === undefined ? undefined : name === source ? accounts.source : accounts.destination;
      return owner !== ownerOf(bucket) || sourceOwner !== ownerOf(from) || (payer === 'requester') !== isPaid;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    { field: 'srcOwner', of: () => source },
    { field: 'destOwner', of: () => destination },
  ])('$field: a bucket of another account ends the run before anything is copied', async ({ field, of }) => {
    const ended = await world.run({ ...request(), [field]: '333333333333' });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'InvalidRequestError' });
    expect(ended.cause).toContain(`${field}: bucket \\"${of()}\\" does not belong to account 333333333333`);
    expect(await world.keys(destination)).toEqual([]);
  });

  it('lets roles.copy read and write, roles.destination list, and the functions touch neither bucket', async () => {
    const bucketRights = ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'];
    for (const bucket of [source, destination]) deny('functions', 's3:*', bucket);
    deny(lister, 's3:*', source);
    deny(lister, ['s3:Put*', 's3:Delete*', 's3:*Upload*'], destination);
    deny(copier, bucketRights, destination, 'temp/*');
    const ended = await world.run({ ...request(), roles });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [] });
    expect(await world.content(destination)).toEqual(await world.content(source));
    expect(await world.run({ ...request(), roles })).toMatchObject({ report: { same: 2, copied: 0 } });
    const by = (operation: string, bucket: string) =>
      new Set(
        asked()
          .filter((found) => found.operation === operation && found.bucket === bucket)
          .map(({ principal }) => /assumed-role\/(\w+)\//.exec(principal)?.[1]),
      );
    expect([...by('CopyObject', destination)]).toEqual(['copier']);
    expect([...by('ListObjectsV2', source)]).toEqual(['copier']);
    expect([...by('ListObjectsV2', destination)].sort()).toEqual(['copier', 'lister']);
    expect([...by('HeadBucket', destination)]).toEqual(['lister']);
    expect(asked().filter(({ principal }) => principal === 'functions')).toEqual([]);
    const work = recording.requests.filter(({ bucket }) => bucket === world.local.workBucket);
    expect(work.filter(({ principal }) => principal.includes('assumed-role'))).toEqual([]);
  });

  it('lets roles.destination delete, and nobody else', async () => {
    for (const bucket of [source, destination]) deny('functions', 's3:*', bucket);
    deny(lister, 's3:*', source);
    deny(copier, 's3:Delete*', destination);
    for (const key of ['extra', 'extra \u0007']) await world.put(destination, key);
    const mayNot = deny(lister, 's3:DeleteObject', destination);
    const held = await world.run({ ...request(), roles, delete: true });
    expect(held).toMatchObject({ status: 'FAILED', report: { copied: 2, deleted: 0, undeleted: 2 } });
    mayNot.remove();
    const done = await world.redrive(held);
    expect(done).toMatchObject({ status: 'SUCCEEDED', report: { copied: 2, deleted: 2, undeleted: 0 } });
    const deletes = asked().filter(({ operation }) => /^DeleteObjects?$/.test(operation));
    expect(deletes.length).toBeGreaterThan(3);
    expect(deletes.filter(({ principal }) => !principal.includes('assumed-role/lister/'))).toEqual([]);
    expect(await world.content(destination)).toEqual(await world.content(source));
  });

  it('gives the external id that a role asks for, and stops with the role’s name when it is wrong', async () => {
    world.store.rules.add({
      kind: 'deny',
      action: 'sts:AssumeRole',
      key: roles.copy,
      unless: { externalId: 'agreed' },
    });
    const copy = (externalId: string) => ({ copy: { arn: roles.copy, externalId } });
    const refused = await world.run({ ...request(), roles: copy('guessed') });
    expect(refused).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(refused.cause).toMatch(
      /roles\.copy: AssumeRole of .*role\/team\/copier: AccessDenied .*TrustFunctions/,
    );
    expect(await world.run({ ...request(), roles: copy('agreed') })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('needs no more than the right to list the folder that it copies', async () => {
    deny('functions', 's3:ListBucket', source, 'folder-001/*');
    deny('functions', 's3:ListBucket', destination, 'folder-001/*');
    deny('functions', 's3:ListBucketMultipartUploads', destination);
    await world.put(source, 'folder-002/other', 'not to be listed');
    const ended = await world.run({ ...request(), src: `s3://${source}/folder-001` });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [], report: { copied: 2 } });
    const prefixes = await world.run({ ...request(), prefixes: ['folder-001/'] });
    expect(prefixes).toMatchObject({ status: 'SUCCEEDED', report: { copied: 0, same: 2 } });
    const all = await world.run(request());
    expect(all).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(all.cause).toContain('src: s3:ListBucket on');
    expect(all.cause).toContain('ListSource');
  });

  it('needs no right to list at all for named files', async () => {
    for (const bucket of [source, destination]) {
      deny('functions', ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'], bucket);
    }
    const files = ['folder-001/simple', 'folder-001/staged'];
    const ended = await world.run({ ...request(), files });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', failures: [], report: { copied: 2 } });
    expect(await world.content(destination)).toEqual(await world.content(source));
    const again = await world.run({ ...request(), files });
    expect(again).toMatchObject({ status: 'SUCCEEDED', report: { copied: 0, same: 2 } });
    const none = await world.run({ ...request(), files: [...files, 'none'] });
    expect(none.failures).toMatchObject([{ sourceKey: 'none', status: 'failed', error: 'NotFoundOrDenied' }]);
  });

  it('stops in Prepare without the right to list the destination, and names the role that could', async () => {
    deny('functions', 's3:ListBucket', destination);
    const ended = await world.run(request());
    expect(ended).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(ended.cause).toContain('dest: s3:ListBucket on');
    expect(ended.cause).toContain('roles.destination (-d)');
    expect(ended.cause).toContain('ListDestination');
    expect(asked().filter(({ operation }) => operation.startsWith('Copy'))).toEqual([]);
    expect(await world.run({ ...request(), roles: { destination: roles.destination } })).toMatchObject({
      status: 'SUCCEEDED',
      failures: [],
    });
  });

  it('names the statement that an object lacked', async () => {
    deny('functions', 's3:PutObjectTagging', destination);
    const ended = await world.run(request());
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });
    for (const { error, message } of ended.failures) {
      expect(error).toBe('AccessDenied');
      expect(message).toContain('WriteDestination');
      expect(message).toContain('s3copy policy');
    }
    expect(ended.failures).toHaveLength(2);
  });
});
