import { describe, expect, it } from 'vitest';
import { loadDefinition } from '../src/definition/load.ts';
import { distributed, Harness, machine, task } from './support/harness.ts';

const timeout = (TimeoutSeconds: unknown) => task('f', { TimeoutSeconds });
const wait = (Seconds: unknown) => ({ Type: 'Wait', End: true, Seconds });
const map = (field: string) => (value: unknown) =>
  distributed({ I: { Type: 'Succeed' } }, { [field]: value });

/**
 * The limits of the values that a field accepts, and the nearest values that it refuses.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html (read 2026-11-22)
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html (read 2026-11-22)
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
 */
const fields = [
  { field: 'TimeoutSeconds', of: timeout, takes: [1, 99_999_999], refuses: [0, 1.5, -1, 100_000_000, 1e12] },
  { field: 'Seconds', of: wait, takes: [0, 99_999_999], refuses: [-1, 0.5, 100_000_000] },
  { field: 'MaxConcurrency', of: map('MaxConcurrency'), takes: [0, 1, 20_000], refuses: [-1, 2.7] },
  {
    field: 'ToleratedFailurePercentage',
    of: map('ToleratedFailurePercentage'),
    takes: [0, 12.5, 100],
    refuses: [-1, 100.5, 250],
  },
  { field: 'ToleratedFailureCount', of: map('ToleratedFailureCount'), takes: [0, 7], refuses: [-1, 1.5] },
];
const taken = fields.flatMap(({ field, of, takes }) => takes.map((value) => ({ field, of, value })));
const refused = fields.flatMap(({ field, of, refuses }) => refuses.map((value) => ({ field, of, value })));

const run = async (state: object) => {
  const harness = new Harness(machine({ A: state }), { f: () => 1 });
  harness.bucket.add('orders/a');
  await using used = harness;
  return await used.run();
};

describe('a field that holds a number', () => {
  it.each(taken)(
    'the field $field accepts $value as a literal and from an expression',
    async ({ of, value }) => {
      expect(() => loadDefinition(machine({ A: of(value) }))).not.toThrow();
      expect(await run(of(`{% ${value} %}`))).toMatchObject({ status: 'SUCCEEDED' });
    },
  );

  it.each(refused)(
    'the field $field refuses $value when it is loaded or evaluated',
    async ({ field, of, value }) => {
      expect(() => loadDefinition(machine({ A: of(value) }))).toThrow(field);
      expect(await run(of(`{% ${value} %}`))).toMatchObject({
        status: 'FAILED',
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining(`specified for the field '${field}' returned ${value}, not`),
      });
    },
  );

  it('the error for a value that is not a number names the value and the range', async () => {
    expect((await run(timeout('{% "60" %}'))).cause).toMatch(
      /The JSONata expression '"60"' specified for the field 'TimeoutSeconds' returned "60", not an integer from 1 to 99999999\.$/,
    );
  });
});
