import { describe, expect, it } from 'vitest';
import { ContextError } from '../../lib/context.ts';
import { buckets, resourcesOf, templateOf } from './synthesized.ts';

const request = { src: 's3://source-bucket/daily', dest: 's3://destination-bucket' };
const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const role = 'arn:aws:iam::123456789012:role/copier';
const nightly = { name: 'nightly', schedule: 'cron(0 3 * * ? *)', request };

const scheduleOf = (sync: object, defaults: object = {}) => {
  const template = templateOf({ ...buckets, syncs: [{ ...nightly, ...sync }], defaults });
  const [schedule] = resourcesOf(template, 'AWS::Scheduler::Schedule');
  return schedule?.[1].Properties;
};

const inputOf = (schedule: { Target: { Input: string } }): unknown => JSON.parse(schedule.Target.Input);

describe('Schedules', () => {
  it('makes no schedule without syncs', () => {
    expect(resourcesOf(templateOf(), 'AWS::Scheduler::Schedule')).toEqual([]);
  });

  it('starts the state machine with the request of the sync', () => {
    const schedule = scheduleOf({ timezone: 'Europe/Berlin' });
    expect(schedule).toMatchObject({
      Name: 's3copy-nightly',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      State: 'ENABLED',
      Target: { Arn: { Ref: expect.stringContaining('StateMachine') } },
    });
    expect(inputOf(schedule)).toMatchObject(request);
  });

  it('keeps no part files unless the request asks for them, since a sync runs again and again', () => {
    expect(inputOf(scheduleOf({}))).toMatchObject({ keepParts: false });
    expect(inputOf(scheduleOf({ request: { ...request, keepParts: true } }))).toMatchObject({
      keepParts: true,
    });
  });

  it('puts the defaults of the stack under each request', () => {
    const defaults = { workers: 4, concurrency: 10, keepParts: true };
    expect(inputOf(scheduleOf({ request: { ...request, workers: 16 } }, defaults))).toEqual({
      ...request,
      workers: 16,
      concurrency: 10,
      keepParts: true,
    });
  });

  it('can be deployed switched off', () => {
    expect(scheduleOf({ enabled: false })).toMatchObject({ State: 'DISABLED' });
  });

  it('tries for an hour to start, after which the next start is nearer', () => {
    expect(scheduleOf({}).Target.RetryPolicy).toMatchObject({ MaximumEventAgeInSeconds: 3600 });
  });

  it('may start this state machine and nothing else', () => {
    const template = templateOf({ ...buckets, syncs: [nightly] });
    const policies = resourcesOf(template, 'AWS::IAM::Policy').map(([, { Properties }]) => Properties);
    const starting = policies.filter(({ Roles }) => JSON.stringify(Roles).includes('SchedulerRole'));
    expect(starting.map(({ PolicyDocument }) => PolicyDocument.Statement)).toEqual([
      [
        {
          Action: 'states:StartExecution',
          Effect: 'Allow',
          Resource: { Ref: expect.stringContaining('StateMachine') },
        },
      ],
    ]);
  });

  it.each([
    {
      request: { src: 'source-bucket' },
      says: 'syncs.0.request: the request of the sync nightly can never run on this stack: src',
    },
    { request: { ...request, color: 'blue' }, says: 'unknown field "color"' },
    {
      request: { ...request, src: 's3://quite-another-bucket' },
      says: 'src: bucket "quite-another-bucket" is not one this stack was deployed for: allowed are "source-bucket"; deploy it with -c source=quite-another-bucket',
    },
    {
      request: { ...request, dest: 's3://not-allowed-bucket' },
      says: 'dest: bucket "not-allowed-bucket" is not one this stack was deployed for',
    },
    {
      request: { ...request, tempPrefix: 's3://not-allowed-bucket/parts' },
      says: 'tempPrefix: bucket "not-allowed-bucket" is not one this stack was deployed for',
    },
    {
      request: { ...request, roles: { copy: 'arn:aws:iam::123456789012:role/nope' } },
      says: 'roles.copy: role "arn:aws:iam::123456789012:role/nope" is not one this stack was deployed for: allowed are none; deploy it with -c roles=',
    },
    {
      request: { ...request, sse: { algorithm: 'aws:kms', key } },
      says: `sse.key: key "${key}" is not one this stack was deployed for: allowed are none; deploy it with -c keys=`,
    },
    {
      request: { ...request, filesFrom: 's3://elsewhere/list.txt' },
      says: 'filesFrom: "s3://elsewhere/list.txt" is neither in the source bucket nor in the work bucket nor in a place of context "lists"',
    },
    {
      request: { src: 's3://source-bucket/a', dest: 's3://s3copy-s3copyworkbucket26cb13e0-0a1b2c3d4e5f' },
      says: 'dest: "s3copy-s3copyworkbucket26cb13e0-0a1b2c3d4e5f" is the work bucket',
    },
  ])('refuses at synth what would fail at night: $says', ({ request: wrong, says }) => {
    const synthesis = () => scheduleOf({ request: wrong });
    expect(synthesis).toThrow(ContextError);
    expect(synthesis).toThrow(says);
  });

  it('a name of stack and sync together of 64 characters is deployed, and one of 65 is refused', () => {
    const named = (length: number) => () =>
      templateOf({ ...buckets, name: 'a'.repeat(32), syncs: [{ ...nightly, name: 'b'.repeat(length) }] });

    expect(named(31)).not.toThrow();
    expect(named(32)).toThrow(ContextError);
    expect(named(32)).toThrow('which is 65 characters, and EventBridge Scheduler allows 64');
  });

  it.each([
    { why: 'every bucket may be named', context: { source: '*', destination: '*' }, request: {} },
    { why: 'the stack has the key', context: { keys: key }, request: { sse: { algorithm: 'aws:kms', key } } },
    {
      why: 'the id of a key that the stack has',
      context: { keys: key },
      request: { sse: { algorithm: 'aws:kms', key: key.split('/')[1] } },
    },
    {
      why: 'which key an alias is, only the account knows',
      context: {},
      request: { sse: { algorithm: 'aws:kms', key: 'alias/mine' } },
    },
    { why: 'a role has rights of its own', context: { roles: role }, request: { roles: { copy: role } } },
    {
      why: 'the stack has the place of the list',
      context: { lists: 's3://elsewhere/lists/' },
      request: { filesFrom: 's3://elsewhere/lists/keys.txt' },
    },
    {
      why: 'a list of an earlier run lies in the work bucket',
      context: {},
      request: { filesFrom: 's3://s3copy-s3copyworkbucket26cb13e0-0a1b2c3d4e5f/runs/a/report/keys.jsonl' },
    },
  ])('deploys what can run: $why', ({ context, request: fields }) => {
    const syncs = [{ ...nightly, request: { ...request, ...fields } }];

    expect(() => templateOf({ ...buckets, ...context, syncs })).not.toThrow();
  });

  it('refuses defaults that no request may have', () => {
    expect(() => scheduleOf({}, { color: 'blue' })).toThrow('unknown field "color"');
  });
});
