import { describe, expect, it } from 'vitest';
import { ContextError } from '../../lib/context.ts';
import { buckets, resourcesOf, templateOf } from './synthesized.ts';

const request = { src: 's3://source-bucket/daily', dest: 's3://destination-bucket' };
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
    { request: { src: 'source-bucket' }, says: 'the request of the sync nightly is wrong: src' },
    { request: { ...request, colour: 'blue' }, says: 'unknown field "colour"' },
    {
      request: { ...request, maxRequestsPerSecond: 5 },
      says: 'maxRequestsPerSecond: 5 is not supported yet',
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

  it('refuses defaults that no request may have', () => {
    expect(() => scheduleOf({}, { color: 'blue' })).toThrow('unknown field "color"');
  });
});
