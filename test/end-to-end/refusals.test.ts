import { PutBucketVersioningCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { longTags } from '../core/copy/source-with-everything.ts';
import { World } from './world.ts';

/** What a refusal says of the statement that is to be added, also in the JSON of a cause. */
const naming = (...ids: readonly string[]): RegExp =>
  new RegExp(`the statements? ${ids.join(', ')} (that|of) \\\\?"s3copy policy`);

describe('a refusal names the statement to add', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.shared();
  });
  afterEach(() => world.store.rules.clear());
  afterAll(() => world.stop());

  const ends = async () => {
    const { source, destination } = await world.buckets();
    return { source, destination, request: { src: `s3://${source}`, dest: `s3://${destination}` } };
  };
  const deny = (action: string, bucket: string, unless?: string) =>
    world.store.rules.add({
      kind: 'deny',
      action,
      bucket,
      ...(unless === undefined ? {} : { unless: { prefix: unless } }),
    });

  it.each([
    { word: 'acl', action: 's3:GetObjectAcl' },
    { word: 'objectLock', action: 's3:GetObjectRetention' },
    { word: 'objectLock', action: 's3:GetObjectLegalHold' },
    { word: 'annotations', action: 's3:ListObjectAnnotations' },
  ])('when $word is to be preserved and $action is denied, before anything is copied', async (denied) => {
    const { source, destination, request } = await ends();
    await world.put(source, 'a');
    deny(denied.action, source);
    const run = await world.run({ ...request, preserve: [denied.word] });
    expect(run).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(run.cause).toMatch(naming('ReadProperties'));
    expect(run.cause).toContain(`preserve: ${denied.action} on arn:aws:s3:::${source}/a is denied`);
    expect(await world.keys(destination)).toEqual([]);
  });

  it('when S3 does not say whether a named file is missing or denied', async () => {
    const { source, request } = await ends();
    await world.put(source, 'a');
    deny('s3:GetObject', source);
    const { failures } = await world.run({ ...request, files: ['a'] });
    expect(failures).toMatchObject([{ error: 'NotFoundOrDenied' }]);
    expect(failures[0]?.['message']).toMatch(naming('ReadSource', 'UseSourceKeys', 'ListSource'));
  });

  it('when an object is published and its tags may not be written', async () => {
    const { source, destination, request } = await ends();
    await world.s3.send(
      new PutBucketVersioningCommand({
        Bucket: destination,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    await world.putParts(source, 'big', 2);
    const Tagging = { TagSet: [...longTags] };
    await world.s3.send(new PutObjectTaggingCommand({ Bucket: source, Key: 'big', Tagging }));
    deny('s3:PutObjectVersionTagging', destination);
    const { failures } = await world.run(request);
    expect(failures).toMatchObject([{ error: 'PropertiesIncomplete' }]);
    expect(failures[0]?.['message']).toMatch(naming('WriteDestination'));
    expect(failures[0]?.['message']).toContain('s3:PutObjectVersionTagging on');
  });

  it('when a key may not be deleted, alone or with others', async () => {
    const { source, destination, request } = await ends();
    for (const bucket of [source, destination]) await world.put(bucket, 'keep');
    for (const key of ['x', 'y\u0007']) await world.put(destination, key);
    deny('s3:DeleteObject', destination);
    const run = await world.run({ ...request, delete: true });
    const folder = `runs/${run.name}/deletes/1/`;
    const [file = ''] = (await world.keys(world.local.workBucket)).filter((key) => key.startsWith(folder));
    const lines = (await world.text(world.local.workBucket, file))?.trimEnd().split('\n') ?? [];
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(JSON.parse(line).message).toMatch(naming('DeleteDestination'));
  });

  it.each([
    { end: 'source', words: 'src: s3:ListBucket', statement: 'ListSource', advice: false },
    { end: 'destination', words: 'dest: s3:ListBucket', statement: 'ListDestination', advice: true },
  ] as const)('when the $end of prefixes that only the plan knows may not be listed', async (expected) => {
    const found = await ends();
    const { source, request } = found;
    await world.put(source, 'p/a');
    await world.put(source, 'list.txt', 'p/\n');
    deny('s3:ListBucket', found[expected.end]);
    const run = await world.run({ ...request, prefixesFrom: `s3://${source}/list.txt` });
    expect(run).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(run.cause).toContain(expected.words);
    expect(run.cause).toMatch(naming(expected.statement));
    expect(run.cause.includes('roles.destination (-d)')).toBe(expected.advice);
  });

  it('when a prefix may not be listed behind those that are tried before the plan', async () => {
    const { source, destination, request } = await ends();
    const prefixes = Array.from({ length: 101 }, (_, n) => `p${String(n).padStart(3, '0')}*`);
    await world.put(source, 'p100');
    deny('s3:ListBucket', destination, 'p0*');
    const run = await world.run({ ...request, prefixes });
    expect(run).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(run.cause).toMatch(naming('ListDestination'));
    expect(run.cause).toContain('roles.destination (-d)');
  });

  it('when a list may not be read', async () => {
    const { source, request } = await ends();
    await world.put(source, 'lists/list.txt', 'a\n');
    world.store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: source, key: 'lists/*' });
    const run = await world.run({ ...request, filesFrom: `s3://${source}/lists/list.txt` });
    expect(run).toMatchObject({ status: 'FAILED', error: 'PermissionError' });
    expect(run.cause).toMatch(naming('ReadLists'));
  });
});
