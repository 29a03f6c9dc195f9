import jsonata from 'jsonata';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPaths } from '../../core/model/run-paths.ts';
import * as tasks from '../../core/model/task-inputs.ts';
import { allStates, definitionOf, type Graph, type State, stateNamed } from './definition.ts';
import { templateOf } from './synthesized.ts';

/** Of 256 KiB that Step Functions allows. */
const budget = 64 * 1024;

/** The longest that AWS and our own names allow. */
const run = 'r'.repeat(80);
const executionArn = `arn:aws-iso-b:states:us-isob-east-1:123456789012:execution:${'m'.repeat(80)}:${run}`;
const longest = {
  run,
  pass: 999_999_999,
  batch: '999999999',
  group: 39,
  calls: 49,
  groups: 40,
  strategy: 'staged',
  remaining: 10_000,
};
const states = {
  input: longest,
  context: {
    Execution: {
      Id: executionArn,
      Name: run,
      StartTime: '2026-11-22T00:00:00.000Z',
      RedriveCount: 0,
    },
    Map: { Item: { Index: 39, Value: 39 } },
  },
};
const variables = {
  run,
  pass: 999_999_999,
  objects: 999_999_999,
  multipart: 999_999_999,
  workers: 1000,
  deletes: true,
};

/** Evaluates every expression in a value, as Step Functions does. */
async function evaluate(value: unknown, input: object = states): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1];
    return expression === undefined
      ? value
      : await jsonata(expression).evaluate({}, { ...variables, states: input });
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return await Promise.all(value.map((item) => evaluate(item, input)));
  const entries = Object.entries(value).map(
    async ([key, inner]) => [key, await evaluate(inner, input)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** What the map of a map is given, from which its fields take all that they need: the Output of the rule before it. */
async function inputOfMap(definition: Graph, map: string): Promise<unknown> {
  const { Choices = [] } = stateNamed(definition, `Any ${map}?`);
  const rule = Choices.find(({ Next }) => Next === `Each batch of ${map}`);
  return await evaluate(rule?.Output, { input: {} });
}

describe('payloads of the tasks', () => {
  let definition: ReturnType<typeof definitionOf>;
  const named = (name: string): State => stateNamed(definition, name);

  beforeAll(() => {
    definition = definitionOf(templateOf());
  });

  it('are a quarter of what Step Functions allows at most, with the longest names', async () => {
    const payloads = allStates(definition)
      .filter(([name, { Type }]) => Type === 'Task' && name !== 'Prepare')
      .map(async ([name, { Arguments }]) => [name, await evaluate(Arguments?.Payload)] as const);
    const sizes = (await Promise.all(payloads)).map(([, payload]) =>
      Buffer.byteLength(JSON.stringify(payload)),
    );
    expect(sizes.length).toBe(10);
    expect(Math.max(...sizes)).toBeLessThan(budget);
  });

  it('add little to the request that Prepare is given', async () => {
    const payload = await evaluate(named('Prepare').Arguments?.Payload);
    const request = Buffer.byteLength(JSON.stringify(longest));
    expect(Buffer.byteLength(JSON.stringify(payload)) - request).toBeLessThan(1024);
  });

  it.each([
    ['Plan', tasks.PlanInput],
    ['Copy objects', tasks.BatchInput],
    ['Open object', tasks.BatchInput],
    ['Make temp files', tasks.PartGroupInput],
    ['Make part files', tasks.PartGroupInput],
    ['Copy parts', tasks.PartGroupInput],
    ['Finalize object', tasks.BatchInput],
    ['Reconcile', tasks.ReconcileInput],
    ['Delete', tasks.DeleteInput],
    ['Report', tasks.ReportInput],
    ['Prepare', tasks.PrepareInput],
  ])('of %s are what its function reads, and nothing else', async (name, schema) => {
    const payload = await evaluate(named(name).Arguments?.Payload);
    expect(schema.safeParse(payload).error).toBeUndefined();
  });

  it.each([
    { why: 'before the first redrive', context: { RedriveCount: 0 }, redrive: { count: 0 } },
    {
      why: 'after a redrive',
      context: { RedriveCount: 2, RedriveTime: '2026-11-28T00:00:00.000Z' },
      redrive: { count: 2, time: '2026-11-28T00:00:00.000Z' },
    },
  ])('of Report say $why what Step Functions itself knows of redrives', async ({ context, redrive }) => {
    const Execution = { ...states.context.Execution, ...context };
    const payload = await evaluate(named('Report').Arguments?.Payload, { ...states, context: { Execution } });
    expect(tasks.ReportInput.parse(payload)).toMatchObject({ redrive });
  });

  it.each(['objects', 'multipart'])('of a child of %s begin with the name of its batch file', async (map) => {
    const Key = `runs/${run}/batches/3/${map}/000042.jsonl`;
    const context = { ...states.context, Map: { Item: { Index: 0, Value: { Key } } } };
    const { ItemSelector } = named(`Each batch of ${map}`);
    expect(await evaluate(ItemSelector, { input: await inputOfMap(definition, map), context })).toEqual({
      v: 1,
      run,
      pass: variables.pass,
      batch: '000042',
      calls: 0,
    });
  });

  it('stay as small when all groups of the largest object have ended', async () => {
    const result = Array.from({ length: 40 }, () => ({ remaining: 250 }));
    const output = await evaluate(named('Parts').Output, { ...states, result } as object);
    expect(output).toMatchObject({ left: 10_000 });
    expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(1024);
  });
});

describe('the map of a map', () => {
  it.each(['objects', 'multipart'] as const)(
    'finds the batches of %s where the functions keep them',
    async (map) => {
      const definition = definitionOf(templateOf());
      const { ItemReader, ResultWriter } = stateNamed(definition, `Each batch of ${map}`);
      const input = await inputOfMap(definition, map);
      const prefix = await evaluate(ItemReader?.Arguments['Prefix'], { input });
      expect(prefix).toBe(`runs/${run}/${runPaths.batches(variables.pass, map)}`);
      expect(await evaluate(ResultWriter?.Arguments['Prefix'], { input })).toBe(`runs/${run}/maps`);
    },
  );

  it.each(['objects', 'multipart'])('of %s has as many workers as the request asks for', async (map) => {
    const definition = definitionOf(templateOf());
    const input = await inputOfMap(definition, map);
    const { MaxConcurrency } = stateNamed(definition, `Each batch of ${map}`);
    expect(await evaluate(MaxConcurrency, { input })).toBe(variables.workers);
  });
});

describe('expressions of the loops', () => {
  let definition: ReturnType<typeof definitionOf>;

  beforeAll(() => {
    definition = definitionOf(templateOf());
  });

  it.each([
    { remaining: 3, calls: 0, expected: { remaining: 3, calls: 1 }, why: 'count a call that left something' },
    { remaining: 0, calls: 4, expected: { remaining: 0, calls: 0 }, why: 'begin anew when nothing remains' },
  ])('$why', async ({ remaining, calls, expected }) => {
    const input = { input: { run, batch: '000001', calls }, result: { Payload: { v: 1, remaining } } };
    const output = await evaluate(stateNamed(definition, 'Make temp files').Output, input);
    expect(output).toEqual({ run, batch: '000001', ...expected });
  });

  it.each([
    { groups: 1, items: [0] },
    { groups: 3, items: [0, 1, 2] },
  ])('give $groups groups as numbers from 0', async ({ groups, items }) => {
    expect(
      Array.from((await evaluate(stateNamed(definition, 'Parts').Items, { input: { groups } })) as []),
    ).toEqual(items);
  });

  it.each([
    { state: 'Reconcile', again: true, pass: 2, expected: 2, why: 'the next pass when there is one' },
    {
      state: 'Reconcile',
      again: false,
      pass: 2,
      expected: variables.pass,
      why: 'the last pass when there is none',
    },
    { state: 'Report', again: true, pass: 7, expected: 7, why: 'the pass that a redrive batched' },
  ])('$state leaves $why', async ({ state, again, pass, expected }) => {
    const input = { ...states, result: { Payload: { again, pass, objects: 1, multipart: 0 } } };
    expect(await evaluate(stateNamed(definition, state).Assign, input)).toMatchObject({ pass: expected });
  });
});
