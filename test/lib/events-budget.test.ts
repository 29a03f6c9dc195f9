import { beforeAll, describe, expect, it } from 'vitest';
import { S3Limits } from '../../core/model/limits.ts';
import { groupsFor, planParts } from '../../core/rules/part-layout.ts';
import { definitionOf, type Graph, stateNamed } from './definition.ts';
import { mostEvents } from './events.ts';
import { templateOf } from './synthesized.ts';

/**
 * What Step Functions allows. An execution whose history is full fails and cannot be redriven.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-28)
 */
const budget = 25_000;

/** The largest object of S3: 48.8 TiB, 10,000 parts of 5 GiB. */
const largestObject = S3Limits.maxParts * S3Limits.maxPartBytes;

const childOf = (definition: Graph, map: string): Graph => {
  const { ItemProcessor } = stateNamed(definition, map);
  if (ItemProcessor === undefined) throw new Error(`${map} is not a map`);
  return ItemProcessor;
};

describe('events of an execution, if every task needs all of its retries and every loop all of its calls', () => {
  let definition: ReturnType<typeof definitionOf>;

  beforeAll(() => {
    definition = definitionOf(templateOf());
  });

  it('stay within the budget for the largest object that S3 holds', () => {
    const parts = planParts(largestObject, S3Limits.maxPartBytes).length;
    const most = mostEvents(childOf(definition, 'Each batch of multipart'), { iterations: groupsFor(parts) });
    expect(parts).toBe(10_000);
    expect(groupsFor(parts)).toBe(40);
    expect(most).toBeLessThan(budget);
    expect(most).toMatchInlineSnapshot(`23702`);
  });

  it('stay within the budget for one batch of objects', () => {
    const most = mostEvents(childOf(definition, 'Each batch of objects'), { iterations: 0 });
    expect(most).toBeLessThan(budget);
    expect(most).toMatchInlineSnapshot(`6384`);
  });

  /**
   * The loops of the main line have no count of their own, and need none: a call that is not the last has worked
   * until its deadline. 100 calls of Plan are a day of listing. Reconcile asks for a sixth pass at most, and each of
   * ten redrives begins anew. Ten calls of Delete are two hours of deleting, some ten million keys.
   */
  it('stay within the budget for a run with a day of planning and ten redrives of six passes', () => {
    const passes = 6 * (1 + 10);
    const visits = {
      Plan: 100,
      Copy: passes,
      Reconcile: 2 * passes,
      Delete: 10 * (1 + 10),
      Report: 3 * (1 + 10),
    };
    const most = mostEvents(definition, { iterations: 0, visits });
    expect(most).toBeLessThan(budget);
    expect(most).toMatchInlineSnapshot(`20874`);
  });

  it('take a loop or a way back without a bound for an error, not for one call', () => {
    expect(() => mostEvents(definition, { iterations: 0, visits: { Copy: 1 } })).toThrow(
      'the loop over Delete has no bound',
    );
    const visits = { Plan: 1, Reconcile: 1, Delete: 1, Report: 1 };
    expect(() => mostEvents(definition, { iterations: 0, visits })).toThrow(
      'the way back to Copy has no bound',
    );
  });
});
