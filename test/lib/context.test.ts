import { describe, expect, it } from 'vitest';
import { ContextError, parseContext } from '../../lib/context.ts';
import { buckets } from './synthesized.ts';

const refusalOf = (context: Record<string, unknown>): string => {
  try {
    parseContext(context);
  } catch (error) {
    expect(error).toBeInstanceOf(ContextError);
    return (error as Error).message;
  }
  return 'not refused';
};

describe('parseContext', () => {
  it.each([
    { given: 'one', list: ['one'], why: 'a name as typed after -c' },
    { given: 'one,two', list: ['one', 'two'], why: 'names as typed after -c' },
    { given: 'one, two', list: ['one', 'two'], why: 'a blank after the comma is not part of a name' },
    { given: ['one', 'two'], list: ['one', 'two'], why: 'a list as in cdk.json' },
    { given: '*', list: ['*'], why: 'every bucket, asked for by name' },
  ])('reads $why', ({ given, list }) => {
    expect(parseContext({ source: given, destination: 'destination' }).source).toEqual(list);
  });

  it('asks for nothing but the buckets', () => {
    expect(parseContext(buckets)).toEqual({
      name: 's3copy',
      source: ['source-bucket'],
      destination: ['destination-bucket'],
      roles: [],
      keys: [],
      sourceKeys: [],
      lists: [],
      temp: ['temp/'],
      delete: false,
      acl: false,
      objectLock: false,
      defaults: {},
      syncs: [],
    });
  });

  it.each([
    { context: { delete: 'true', acl: 'false' }, read: { delete: true, acl: false } },
    { context: { objectLock: true }, read: { objectLock: true } },
    { context: { temp: 'temp,parts/' }, read: { temp: ['temp/', 'parts/'] } },
    { context: { temp: '*' }, read: { temp: ['*'] } },
  ])('reads a switch and folders as typed after -c, or as in cdk.json: $context', ({ context, read }) => {
    expect(parseContext({ ...buckets, ...context })).toMatchObject(read);
  });

  it.each([
    {},
    { source: 'only-source' },
    { destination: 'only-destination' },
    { source: '', destination: '' },
  ])('shows the command to type when a bucket is not named: %j', (context) => {
    expect(refusalOf(context)).toContain(
      'npx cdk deploy -c source=my-source-bucket -c destination=my-destination-bucket',
    );
  });

  it.each([
    { context: { source: 'UP_case!' }, says: 'source.0: "UP_case!" is not a bucket name' },
    { context: { source: ['a', 'bb*'] }, says: 'source.1: "bb*" is not a bucket name' },
    { context: { source: [] }, says: 'source: names no bucket' },
    { context: { destination: ['*', 'some-bucket'] }, says: 'has * and names' },
    { context: { source: 'zone--use1-az4--x-s3' }, says: 'S3 Express' },
    {
      context: { source: 'my-ap-abc123-s3alias' },
      says: '"my-ap-abc123-s3alias" is the alias of an access point',
    },
    {
      context: { destination: 'arn:aws:s3:eu-west-1:123456789012:accesspoint/ap' },
      says: 'is the ARN of an access point',
    },
    { context: { source: 7 }, says: 'source: 7' },
    { context: { roles: 'admin' }, says: 'roles.0: "admin" is not the ARN of a role' },
    { context: { roles: 'arn:aws:iam::123456789012:role/*' }, says: 'is not the ARN of a role' },
    { context: { keys: 'alias/key' }, says: 'keys.0: "alias/key" is not the ARN of a KMS key' },
    {
      context: { keys: 'arn:aws:kms:eu-west-1:123456789012:alias/key' },
      says: 'is not the ARN of a KMS key',
    },
    { context: { delete: 'yes' }, says: 'delete: "yes"' },
    { context: { temp: 'a*' }, says: 'temp.0: "a*" is not a folder such as temp/' },
    { context: { temp: [] }, says: 'temp: names no folder' },
    { context: { lists: 'bucket/list' }, says: 'lists.0: "bucket/list" must have the form s3://bucket' },
    { context: { name: 'a b' }, says: 'name: "a b" is not a name' },
    { context: { sources: 'typed-wrong' }, says: 'unknown: sources (allowed are name, source, destination' },
    { context: { syncs: [{ name: 'x', schedule: 'rate(1 day)' }] }, says: 'syncs.0.request' },
    {
      context: { syncs: [{ name: 'x', schedule: 'rate(0 minutes)', request: {} }] },
      says: 'syncs.0.schedule: "rate(0 minutes)" must be a whole number from 1',
    },
    {
      context: { syncs: [{ name: 'x', schedule: 'cron(99 99 * * ? *)', request: {} }] },
      says: 'syncs.0.schedule: "cron(99 99 * * ? *)" has "99" as its minutes, which is from 0 to 59',
    },
    {
      context: { syncs: [{ name: 'x', schedule: 'rate(1 day)', timezone: 'Mars/Olympus', request: {} }] },
      says: 'syncs.0.timezone: "Mars/Olympus" is not a time zone, such as Europe/Berlin',
    },
    {
      context: { syncs: [{ name: 'x', schedule: 'daily', request: {} }] },
      says: 'syncs.0.schedule: "daily" is not a schedule, such as rate(6 hours)',
    },
    {
      context: { syncs: [{ name: 'x', schedule: 'at(2027-01-01T00:00:00)', request: {} }] },
      says: 'is not a schedule',
    },
    {
      context: { syncs: [{ name: 'x', schedule: 'rate(1 day)', request: {}, cron: '' }] },
      says: 'unknown: cron (allowed are name, schedule, timezone, enabled, request)',
    },
    {
      context: {
        syncs: [
          { name: 'x', schedule: 'rate(1 day)', request: {} },
          { name: 'x', schedule: 'rate(2 days)', request: {} },
        ],
      },
      says: 'two syncs have the same name',
    },
  ])('refuses $context by name: $says', ({ context, says }) => {
    expect(refusalOf({ ...buckets, ...context })).toContain(says);
  });

  it("passes over the CDK's own context, which is not ours to know", () => {
    const own = {
      'aws:cdk:bundling-stacks': [],
      '@aws-cdk/core:checkSecretUsage': true,
      'ssm:account=1': 'x',
    };
    expect(parseContext({ ...buckets, ...own }).source).toEqual(['source-bucket']);
  });
});
