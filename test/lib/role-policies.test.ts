import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { ContextError } from '../../lib/context.ts';
import { flat, resourcesOf, templateOf } from './synthesized.ts';

const app = join(import.meta.dirname, '..', '..', 'bin', 'app.ts');

/** Names of 50 characters. */
const named = (count: number, kind: string): string[] =>
  Array.from({ length: count }, (_, index) =>
    `my-company-${kind}-${index}-`.padEnd(49, 'abcdefghij').concat('z'),
  );

/** Characters that IAM counts, with references as long as they get. */
const sizeOf = (document: { Statement: { Resource: unknown }[] }): number =>
  JSON.stringify({
    ...document,
    Statement: document.Statement.map((statement) => ({
      ...statement,
      Resource: [statement.Resource].flat().map(flat),
    })),
  })
    .replaceAll('<AWS::Partition>', 'aws-us-gov')
    .replaceAll(/<[^>]+>/g, '-'.repeat(130)).length;

const refersTo = (role: string, { Roles }: { Roles: { Ref: string }[] }): boolean =>
  Roles.some(({ Ref }) => Ref === role);

describe('50 source and 50 destination buckets with names of 50 characters', () => {
  let folder: string;
  let template: Template;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3copy-many-'));
    const context = {
      ...cdkJson.context,
      'aws:cdk:bundling-stacks': [],
      source: named(50, 'source'),
      destination: named(50, 'destination'),
      delete: true,
      acl: true,
      objectLock: true,
    };
    const { CDK_VALIDATION: _, ...environment } = process.env;
    const env = { ...environment, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) };
    // Fails when a rule of cdk-nag does.
    await promisify(execFile)(process.execPath, [app], { env });
    const name = (await readdir(folder)).find((file) => file.endsWith('.template.json')) ?? '';
    template = Template.fromJSON(JSON.parse(await readFile(join(folder, name), 'utf8')));
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('stay within what IAM allows a role', () => {
    const own = resourcesOf(template, 'AWS::IAM::Policy').map(([, { Properties }]) => Properties);
    const managed = resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties);
    expect(managed.length).toBeGreaterThan(0);
    for (const { PolicyDocument } of managed) expect(sizeOf(PolicyDocument)).toBeLessThanOrEqual(6_144);
    for (const [role] of resourcesOf(template, 'AWS::IAM::Role')) {
      const sizes = own
        .filter((policy) => refersTo(role, policy))
        .map((policy) => sizeOf(policy.PolicyDocument));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(10_240);
      expect(managed.filter((policy) => refersTo(role, policy)).length).toBeLessThanOrEqual(10);
    }
  });

  it('are all named for a worker, in statements whose ids are unique in their policy', () => {
    const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
      .flatMap((type) => resourcesOf(template, type))
      .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes('S3CopyStepscopyobjectsRole'))
      .map(
        ([, { Properties }]) =>
          Properties.PolicyDocument.Statement as { Sid: string; Action: unknown; Resource: unknown }[],
      );
    for (const statements of policies) {
      const ids = statements.map(({ Sid }) => Sid);
      expect(new Set(ids).size).toBe(ids.length);
    }
    const written = policies.flat().filter(({ Action }) => [Action].flat().includes('s3:PutObject'));
    const resources = written.flatMap(({ Resource }) => [Resource].flat().map(flat));
    for (const name of named(50, 'destination')) {
      expect(resources).toContain(`arn:<AWS::Partition>:s3:::${name}/*`);
    }
  });
});

describe('attachStatements', () => {
  it('refuses more buckets than IAM lets a role name, and says what to do', () => {
    const synthesis = () =>
      templateOf({ source: named(300, 'source'), destination: named(300, 'destination') });
    expect(synthesis).toThrow(ContextError);
    expect(synthesis).toThrow(
      /the role of prepare needs \d+ managed policies to name all buckets, and IAM allows 10: name fewer buckets/,
    );
  });
});
