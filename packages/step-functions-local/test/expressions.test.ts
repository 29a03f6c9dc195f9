import { describe, expect, it } from 'vitest';
import { Expressions } from '../src/expressions.ts';
import type { Json } from '../src/json.ts';
import { seededRandom } from '../src/random.ts';

const expressions = new Expressions(seededRandom(1));
const evaluate = (template: Json, bindings = {}) => expressions.evaluate(template, bindings, 'Output');

// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
describe('expressions', () => {
  it('expressions are evaluated anywhere in a template, and plain strings do not change', async () => {
    const template = { a: ['{% $x + 1 %}', 'plain {% $x %}'], b: '{% $states.input %}' };
    expect(await evaluate(template, { x: 1, states: { input: null } })).toEqual({
      a: [2, 'plain {% $x %}'],
      b: null,
    });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it.each([
    { expression: '$partition([1,2,3,4,5], 2)', value: [[1, 2], [3, 4], [5]] },
    {
      expression: '$partition([1,2,3,4], 2.9)',
      value: [
        [1, 2],
        [3, 4],
      ],
    },
    { expression: '$range(0, 10, 5)', value: [0, 5, 10] },
    { expression: '$range(3, 1, -1)', value: [3, 2, 1] },
    { expression: '$range(1, 1, 1)', value: 1 },
    { expression: "$hash('x', 'MD5')", value: '9dd4e461268c8034f5c8564e155c67a6' },
    {
      expression: "$hash('x', 'SHA-256')",
      value: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    },
    { expression: '$random(7) = $random(7)', value: true },
    { expression: '$random() < 1', value: true },
    { expression: '[1 / 0]', value: ['Infinity'] },
    { expression: '$length($uuid())', value: 36 },
    { expression: `$parse('{"a":[1]}').a`, value: [1] },
  ])('the expression $expression is supported', async ({ expression, value }) => {
    expect(await evaluate(`{% ${expression} %}`)).toEqual(value);
  });

  it.each([
    {
      expression: '$states.input.absent',
      why: 'a path without a match',
      says: "field 'Output' returned nothing (undefined).",
    },
    {
      expression: '$sum($states.input.list.size)',
      why: 'the sum of a path without a match',
      says: 'returned nothing (undefined).',
    },
    {
      expression: '$partition([], 2)',
      why: 'a partition of an empty array',
      says: 'returned nothing (undefined).',
    },
    { expression: '1 + "a"', why: 'a type error', says: 'threw an error during evaluation. T2002' },
    { expression: "$eval('1')", why: 'a function that Step Functions does not support', says: 'T1006' },
    { expression: '$sum', why: 'a function as a value', says: 'unsupported result type' },
    { expression: "$hash('x', 'CRC32')", why: 'an unknown digest', says: 'CRC32' },
  ])(
    'an expression fails with States.QueryEvaluationError for $why: $expression',
    async ({ expression, says }) => {
      const failure = evaluate(`{% ${expression} %}`, { states: { input: { list: [] } } });
      await expect(failure).rejects.toMatchObject({
        error: 'States.QueryEvaluationError',
        cause: expect.stringContaining(says),
      });
    },
  );

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it('the error of an undefined value names its field inside the template', async () => {
    const failure = evaluate({ a: { b: [1, '{% $states.input.x %}'] } }, { states: { input: {} } });
    await expect(failure).rejects.toMatchObject({ location: 'Output/a/b[1]' });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it('an expression that loops forever ends after a number of steps', async () => {
    const failure = evaluate('{% ($f := function($x) { $f($x + 1) }; $f(0)) %}');
    await expect(failure).rejects.toMatchObject({ cause: expect.stringContaining('timeout') });
  });

  it('evaluations that run at the same time do not share variables', async () => {
    const values = await Promise.all(
      Array.from({ length: 50 }, (_, x) => evaluate('{% $map([1..5], function($i) { $x }) %}', { x })),
    );
    expect(values).toEqual(Array.from({ length: 50 }, (_, x) => [x, x, x, x, x]));
  });
});
