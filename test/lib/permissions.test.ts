import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { buckets, flat, resourcesOf, templateOf } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Statements of every policy that is attached to a role whose logical id begins so. */
const statementsOf = (template: Template, rolePrefix: string): readonly Statement[] =>
  resourcesOf(template, 'AWS::IAM::Policy')
    .filter(([, { Properties }]) =>
      (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref.startsWith(rolePrefix)),
    )
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);

/** Every action with every resource that a step may use it on, but for its log. */
const rightsOf = (template: Template, step: string): readonly string[] => {
  const statements = statementsOf(template, `S3CopySteps${step.replaceAll('-', '')}Role`);
  const rights = statements.flatMap(({ Action, Resource }) =>
    listed(Action).flatMap((action) =>
      listed(Resource).map((resource) => `${action} ${short(flat(resource))}`),
    ),
  );
  return [...new Set(rights)].filter((right) => !right.startsWith('logs:')).sort();
};

/** Writes a resource as a person would: `source/*`, `work/runs/*`. */
const short = (resource: string): string =>
  resource
    .replace(/^<S3CopyWorkBucket\w+\.Arn>/, 'work')
    .replace(/^arn:<AWS::Partition>:s3:::/, '')
    .replace('source-bucket', 'source')
    .replace('destination-bucket', 'destination');

const keepCopyRecords = ['GetObject', 'PutObject', 'DeleteObject'].map(
  (name) => `s3:${name} work/copy-records/*`,
);
const keepRuns = ['s3:GetObject work/runs/*', 's3:ListBucket work', 's3:PutObject work/runs/*'];
const listBuckets = ['s3:ListBucket destination', 's3:ListBucket source'];
const readBothEnds = ['s3:GetObject destination/*', 's3:GetObject source/*', 's3:GetObjectVersion source/*'];
const copy = [
  's3:AbortMultipartUpload destination/*',
  's3:GetObject destination/*',
  's3:GetObject source/*',
  's3:GetObjectTagging destination/*',
  's3:GetObjectTagging source/*',
  's3:GetObjectVersion source/*',
  's3:GetObjectVersionTagging source/*',
  's3:ListMultipartUploadParts destination/*',
  's3:PutObject destination/*',
  's3:PutObjectTagging destination/*',
];
/** What every stack reads and writes beside bytes, and what only one with a switch does. */
const annotations = ['s3:GetObjectAnnotation source/*', 's3:ListObjectAnnotations source/*'];
const properties = [
  ...annotations,
  's3:PutObjectAnnotation destination/*',
  's3:PutObjectVersionTagging destination/*',
];
const readAcl = ['s3:GetObjectAcl source/*', 's3:GetObjectVersionAcl source/*'];
const writeAcl = [
  's3:GetBucketAcl destination',
  's3:PutObjectAcl destination/*',
  's3:PutObjectVersionAcl destination/*',
];
const seeOwnership = ['s3:GetBucketOwnershipControls destination'];
const readLock = ['s3:GetObjectLegalHold source/*', 's3:GetObjectRetention source/*'];
const writeLock = ['s3:PutObjectLegalHold destination/*', 's3:PutObjectRetention destination/*'];
const seeObjectLock = ['s3:GetBucketObjectLockConfiguration destination'];
const findUploads = ['s3:ListBucketMultipartUploads destination'];
const tidyPartFiles = [
  's3:DeleteObject destination/temp/*',
  's3:DeleteObjectVersion destination/temp/*',
  's3:ListBucketMultipartUploads destination',
  's3:ListBucketVersions destination',
];

describe('permissions', () => {
  let template: Template;

  beforeAll(() => {
    template = templateOf();
  });

  it.each([
    {
      step: 'prepare',
      rights: [
        ...listBuckets,
        ...annotations,
        ...seeObjectLock,
        'lambda:GetAccountSettings *',
        's3:GetObject source/*',
        ...keepRuns,
      ],
    },
    {
      step: 'plan',
      rights: [...listBuckets, ...readBothEnds, ...keepRuns, 's3:GetObject work/copy-records/*'],
    },
    { step: 'copy-objects', rights: [...listBuckets, ...copy, ...properties, ...tidyPartFiles, ...keepRuns] },
    { step: 'open-object', rights: [...listBuckets, ...copy, ...properties, ...tidyPartFiles, ...keepRuns] },
    {
      step: 'make-temp-files',
      rights: [...listBuckets, ...copy, ...properties, ...tidyPartFiles, ...keepRuns],
    },
    {
      step: 'make-part-files',
      rights: [...listBuckets, ...copy, ...properties, ...tidyPartFiles, ...keepRuns],
    },
    { step: 'copy-parts', rights: [...listBuckets, ...copy, ...properties, ...findUploads, ...keepRuns] },
    {
      step: 'finalize-object',
      rights: [...listBuckets, ...copy, ...properties, ...tidyPartFiles, ...keepRuns],
    },
    { step: 'reconcile', rights: keepRuns },
    {
      step: 'delete-objects',
      rights: [...listBuckets, 's3:GetObject source/*', ...keepRuns],
    },
    {
      step: 'report',
      rights: [...listBuckets, ...readBothEnds, ...keepRuns, ...keepCopyRecords],
    },
  ])('$step may do exactly what it does, on exactly the named buckets', ({ step, rights }) => {
    expect(rightsOf(template, step)).toEqual([...rights].sort());
  });

  it('gives functions no managed policy, whose rights would not be listed here', () => {
    for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('never allows an action with a wildcard', () => {
    const everything = templateOf({
      source: '*',
      destination: '*',
      keys: key,
      roles: role,
      lists: 's3://lists/x',
    });
    const actions = resourcesOf(everything, 'AWS::IAM::Policy').flatMap(([, { Properties }]) =>
      (Properties.PolicyDocument.Statement as Statement[]).flatMap(({ Action }) => listed(Action)),
    );
    expect(actions.filter((action) => String(action).includes('*'))).toEqual([]);
  });

  it('names a resource for everything but the delivery of logs and the limit of the account, which have none', () => {
    const unnamed = resourcesOf(template, 'AWS::IAM::Policy')
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[])
      .filter(({ Resource }) => listed(Resource).includes('*'));
    const actions = unnamed.flatMap(({ Action }) => listed(Action)).map(String);
    const others = actions.filter((action) => !/^logs:.*(Delivery|Deliveries|Polic|LogGroups)/.test(action));
    expect(actions.length).toBeGreaterThan(1);
    expect(others).toEqual(['lambda:GetAccountSettings']);
  });

  it('opens every bucket only when asked for by name, and only on that side', () => {
    const rights = rightsOf(templateOf({ source: '*', destination: 'destination-bucket' }), 'copy-objects');
    expect(rights).toContain('s3:GetObject */*');
    expect(rights).toContain('s3:PutObject destination/*');
    expect(rights).not.toContain('s3:PutObject */*');
  });

  it('lets lists be read where they were named, by prefix', () => {
    const context = { ...buckets, lists: ['s3://lists/daily/', 's3://more'] };
    expect(rightsOf(templateOf(context), 'prepare')).toEqual(
      [
        ...listBuckets,
        ...annotations,
        ...seeObjectLock,
        ...keepRuns,
        'lambda:GetAccountSettings *',
        's3:GetObject lists/daily/*',
        's3:GetObject more/*',
        's3:GetObject source/*',
      ].sort(),
    );
  });

  const added = (context: Record<string, unknown>, step: string): readonly string[] => {
    const before = new Set(rightsOf(template, step));
    return rightsOf(templateOf({ ...buckets, ...context }), step).filter((right) => !before.has(right));
  };

  it.each([
    {
      context: { delete: true },
      step: 'delete-objects',
      rights: ['s3:DeleteObject destination/*', 's3:GetObject destination/*'],
    },
    { context: { delete: true }, step: 'copy-objects', rights: [] },
    { context: { acl: true }, step: 'prepare', rights: [...readAcl, ...seeOwnership] },
    { context: { acl: true }, step: 'copy-objects', rights: [...readAcl, ...writeAcl] },
    { context: { objectLock: true }, step: 'prepare', rights: readLock },
    { context: { objectLock: true }, step: 'make-part-files', rights: [...readLock, ...writeLock] },
    {
      context: { temp: 'parts,temp' },
      step: 'finalize-object',
      rights: ['s3:DeleteObject destination/parts/*', 's3:DeleteObjectVersion destination/parts/*'],
    },
    {
      context: { temp: '*' },
      step: 'finalize-object',
      rights: ['s3:DeleteObject destination/*', 's3:DeleteObjectVersion destination/*'],
    },
  ])('$context gives $step what it needs, and nothing else', ({ context, step, rights }) => {
    expect(added(context, step)).toEqual([...rights].sort());
  });

  it('lets keys be used for objects alone, to write by those that write, and roles be assumed as named', () => {
    const template = templateOf({ ...buckets, keys: key, sourceKeys: sourceKey, roles: role });
    const usesKey = (step: string) => rightsOf(template, step).filter((right) => right.startsWith('kms:'));

    const readBoth = [`kms:Decrypt ${key}`, `kms:Decrypt ${sourceKey}`];
    for (const step of ['prepare', 'plan', 'delete-objects', 'report'])
      expect(usesKey(step)).toEqual(readBoth);
    for (const step of [
      'copy-objects',
      'open-object',
      'make-temp-files',
      'make-part-files',
      'copy-parts',
      'finalize-object',
    ]) {
      expect(usesKey(step)).toEqual([...readBoth, `kms:GenerateDataKey ${key}`]);
    }
    const statements = statementsOf(template, 'S3CopyStepscopyobjectsRole');
    const conditions = statements.filter(({ Action }) => String(Action).startsWith('kms:'));
    expect(conditions.map(({ Condition }) => Condition)).toEqual(
      Array(2).fill({ StringLike: { 'kms:ViaService': 's3.*' } }),
    );
    expect(statements).toContainEqual(expect.objectContaining({ Action: 'sts:AssumeRole', Resource: role }));
  });
});

const sourceKey = 'arn:aws:kms:eu-west-1:123456789012:key/9876abcd-12ab-34cd-56ef-1234567890ab';

const key = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const role = 'arn:aws:iam::123456789012:role/copier';
