import { expect, it } from 'vitest';
import {
  graph,
  Harness,
  machine,
  named,
  task,
} from '../../packages/step-functions-local/test/support/harness.ts';

it('runs loops, parallel maps, a distributed map with nested maps, retries, and a redrive from the failed task', async () => {
  let failed = false;
  const plan = task('plan', { Next: 'More?', Assign: { batches: '{% $states.result.Payload.batches %}' } });
  const definition = machine({
    Plan: plan,
    'More?': {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.again %}', Next: 'Plan' }],
      Default: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Next: 'Report',
      Branches: [
        graph({
          Batches: { Type: 'Pass', Next: 'Objects', Output: { batches: '{% $batches %}' } },
          Objects: {
            Type: 'Map',
            End: true,
            Label: 'Objects',
            ToleratedFailurePercentage: 100,
            MaxConcurrency: '{% $states.input.batches %}',
            ItemReader: {
              Resource: 'arn:aws:states:::s3:listObjectsV2',
              Arguments: { Bucket: 'work', Prefix: 'batches/' },
            },
            ItemSelector: { key: '{% $states.context.Map.Item.Value.Key %}' },
            ResultWriter: {
              Resource: 'arn:aws:states:::s3:putObject',
              Arguments: { Bucket: 'work', Prefix: 'out' },
            },
            ItemProcessor: {
              ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
              ...graph({
                Copy: task('copy', { Next: 'Parts' }),
                Parts: {
                  Type: 'Map',
                  End: true,
                  Items: '{% [1..3] %}',
                  MaxConcurrency: 2,
                  ItemProcessor: graph({ Part: task('part') }),
                },
              }),
            },
          },
        }),
        graph({ Other: { Type: 'Pass', End: true, Output: 1 } }),
      ],
    },
    Report: task('report', {
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], JitterStrategy: 'FULL' }],
    }),
  });
  await using harness = new Harness(definition, {
    plan: (_p, call) => ({ again: call < 3, batches: 2 }),
    copy: (p: { key: string }) => p,
    part: (p: number) => p * 2,
    report: (_p, call) => {
      if (call === 1) throw named('Lambda.TooManyRequestsException');
      if (!failed) {
        failed = true;
        throw named('ObjectsFailedError');
      }
      return { done: true };
    },
  });
  harness.bucket.add('batches/a', 'batches/b', 'batches/c', 'other');
  const end = await harness.run({ src: 's3://a' });

  expect(end).toMatchObject({ status: 'FAILED', error: 'ObjectsFailedError' });

  const again = await harness.redrive(end.arn);

  expect(again).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
});
