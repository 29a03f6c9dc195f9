import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { ContextError } from '../../lib/context.ts';
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
    ['stage-1', 900, 512],
    ['stage-2', 900, 512],
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

  it('tells each function its buckets as JSON lists, and when to stop', () => {
    expect(functions.get('s3copy-plan')?.Properties.Environment.Variables).toMatchObject({
      SOURCE_BUCKETS: '["source-bucket"]',
      DESTINATION_BUCKETS: '["destination-bucket"]',
      LISTS: '[]',
      ROLES: '[]',
      DEADLINE_MARGIN_MILLIS: '10000',
      POWERTOOLS_SERVICE_NAME: 'plan',
    });
  });

  it('says "any bucket" only when it was asked for by name', () => {
    const any = resourcesOf(templateOf({ source: '*', destination: 'one' }), 'AWS::Lambda::Function');
    expect(any[0]?.[1].Properties.Environment.Variables).toMatchObject({
      SOURCE_BUCKETS: '["*"]',
      DESTINATION_BUCKETS: '["one"]',
    });
  });

  it('refuses more buckets than the environment of a function holds, and says what to do', () => {
    const source = Array.from({ length: 80 }, (_, index) => `${'long-bucket-name-'.repeat(3)}${index}`);
    const synthesis = () => templateOf({ source, destination: 'one' });
    expect(synthesis).toThrow(ContextError);
    expect(synthesis).toThrow(/Lambda allows 4096; SOURCE_BUCKETS alone takes \d+: name fewer, or use \*/);
  });
});
