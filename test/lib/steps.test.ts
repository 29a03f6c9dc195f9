import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { definitionOf } from './definition.ts';
import { type Resource, resourcesOf, templateOf } from './synthesized.ts';

describe('Steps', () => {
  let template: Template;
  let functions: ReadonlyMap<string, Resource>;

  beforeAll(() => {
    template = templateOf();
    functions = new Map(
      resourcesOf(template, 'AWS::Lambda::Function').map(([, fn]) => [fn.Properties.FunctionName, fn]),
    );
  });

  it.each([
    ['prepare', 60, 512],
    ['plan', 900, 1769],
    ['copy-objects', 900, 512],
    ['open-object', 120, 512],
    ['make-temp-files', 900, 512],
    ['make-part-files', 900, 512],
    ['copy-parts', 900, 512],
    ['finalize-object', 900, 512],
    ['reconcile', 900, 1024],
    ['delete-objects', 900, 1024],
    ['report', 900, 1024],
  ])('runs %s for %i seconds with %i MiB', (step, Timeout, MemorySize) => {
    expect(functions.get(`s3copy-${step}`)?.Properties).toMatchObject({ Timeout, MemorySize });
  });

  it('has no other function', () => {
    expect(functions.size).toBe(11);
  });

  it('runs everything on Node 24 and arm64', () => {
    for (const { Properties } of functions.values()) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    }
  });

  it('keeps the log of each function for three months', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
    for (const name of functions.keys()) {
      expect(groups).toContainEqual({ LogGroupName: `/aws/lambda/${name}`, RetentionInDays: 90 });
    }
  });

  it('tells each function its work bucket and when to stop, and no bucket that a request may name', () => {
    for (const { Properties } of functions.values()) {
      expect(Object.keys(Properties.Environment.Variables).sort()).toEqual([
        'DEADLINE_MARGIN_MILLIS',
        'LOG_LEVEL',
        'POWERTOOLS_SERVICE_NAME',
        'WORK_BUCKET',
      ]);
    }
    expect(functions.get('s3copy-plan')?.Properties.Environment.Variables).toMatchObject({
      DEADLINE_MARGIN_MILLIS: '10000',
      POWERTOOLS_SERVICE_NAME: 'plan',
    });
  });

  it('tells the buckets to prepare alone, with its call', () => {
    const given = { source: '*', destination: 'one,two', lists: 's3://lists/x' };
    const definition = definitionOf(templateOf(given));
    const told = Object.entries(definition.States).filter(([, state]) =>
      JSON.stringify(state).includes('"two"'),
    );
    expect(told.map(([name]) => name)).toEqual(['Prepare']);
    expect(told[0]?.[1].Arguments?.Payload).toMatchObject({
      allowed: { source: ['*'], destination: ['one', 'two'], lists: ['s3://lists/x'], roles: [] },
    });
  });
});
