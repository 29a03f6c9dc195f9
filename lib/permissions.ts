import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { splitLocation } from '../lambdas/core/location.ts';
import { receiptsFolder } from '../lambdas/core/receipts.ts';
import { rights } from '../lambdas/core/rights.ts';
import { runsFolder } from './constructs/work-bucket.ts';

/** What the functions of a stack may touch, as the user named it. */
export interface Reach {
  /** Bucket names, or `*` alone. */
  readonly sources: readonly string[];
  /** Bucket names, or `*` alone. */
  readonly destinations: readonly string[];
  /** ARNs of roles that requests may name. */
  readonly roles: readonly string[];
  /** ARNs of the KMS keys that encrypt sources or destinations. */
  readonly keys: readonly string[];
  /** `s3://bucket/prefix` of lists that requests may name. */
  readonly lists: readonly string[];
  readonly work: IBucket;
}

const bucketArns = (names: readonly string[]): string[] =>
  names.map((name) => `arn:${Aws.PARTITION}:s3:::${name}`);
const objectArns = (names: readonly string[]): string[] => bucketArns(names).map((arn) => `${arn}/*`);

const listArn = (location: string): string => {
  const { bucket, path } = splitLocation(location) ?? { bucket: location, path: '' };
  return `arn:${Aws.PARTITION}:s3:::${bucket}/${path}*`;
};

const allow = (sid: string, actions: readonly string[], resources: string[]): PolicyStatement[] =>
  resources.length === 0 ? [] : [new PolicyStatement({ sid, actions: [...new Set(actions)], resources })];

/**
 * The statements that a function's policy is put together from. Actions are named one by one: CDK's `grantRead`
 * would add `s3:GetObject*`, `s3:GetBucket*` and `s3:List*`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (read 2026-11-22)
 */
export const may = {
  /** Lists the buckets, finds their regions, and hears 404 instead of 403 for a key that does not exist. */
  listBuckets: ({ sources, destinations }: Reach): PolicyStatement[] =>
    allow(
      'ListBuckets',
      [...rights.ListSource, ...rights.ListDestination, ...rights.ListPartFiles],
      bucketArns([...new Set([...sources, ...destinations])]),
    ),

  /** HEADs and reads objects at both ends: to compare them, and to read lists and part file records. */
  readBothEnds: ({ sources, destinations }: Reach): PolicyStatement[] => [
    ...allow(
      'ReadBothEnds',
      rights.CompareDestination,
      objectArns([...new Set([...sources, ...destinations])]),
    ),
    ...allow('ReadVersions', ['s3:GetObjectVersion'], objectArns(sources)),
  ],

  /** Reads lists of keys in the source, and where else they were named; those in the work bucket are files of runs. */
  readLists: ({ sources, lists }: Reach): PolicyStatement[] =>
    allow('ReadLists', rights.ReadLists, [...objectArns(sources), ...lists.map(listArn)]),

  /** Sees whether the source has a key, before it is deleted at the destination. */
  lookAtSource: ({ sources }: Reach): PolicyStatement[] =>
    allow('LookAtSource', ['s3:GetObject'], objectArns(sources)),

  /** Copies from the source, with its tags. */
  readSource: ({ sources }: Reach): PolicyStatement[] =>
    allow('ReadSource', rights.ReadSource, objectArns(sources)),

  /** Writes copies, part files and uploads, reads them back, and aborts uploads that lost a race. */
  writeDestination: ({ destinations }: Reach): PolicyStatement[] =>
    allow('WriteDestination', rights.WriteDestination, objectArns(destinations)),

  /** Reads what requests may ask to preserve, beside headers and tags. */
  readProperties: ({ sources }: Reach): PolicyStatement[] =>
    allow('ReadProperties', rights.ReadProperties, objectArns(sources)),

  /** Gives copies what requests ask for, also to a version that is published already, in the name of the bucket's owner. */
  writeProperties: ({ destinations }: Reach): PolicyStatement[] => [
    ...allow('WriteProperties', rights.WriteProperties, objectArns(destinations)),
    ...allow('SeeOwner', rights.SeeOwner, bucketArns(destinations)),
  ],

  /** Sees whether a destination takes access control lists at all. */
  seeOwnership: ({ destinations }: Reach): PolicyStatement[] =>
    allow('SeeOwnership', rights.SeeOwnership, bucketArns(destinations)),

  /** Sees whether a destination would lock part files. */
  seeObjectLock: ({ destinations }: Reach): PolicyStatement[] =>
    allow('SeeObjectLock', rights.SeeObjectLock, bucketArns(destinations)),

  /** Sees how many functions the account lets run at once. The action names no resource. */
  seeAccountLimit: (): PolicyStatement[] => allow('SeeAccountLimit', ['lambda:GetAccountSettings'], ['*']),

  /** Ends the uploads that a dead invocation left, and removes part files, by version, that are not to be kept. */
  tidyPartFiles: ({ destinations }: Reach): PolicyStatement[] => [
    ...allow('RemovePartFiles', rights.RemovePartFiles, objectArns(destinations)),
    ...allow('FindPartFiles', rights.FindPartFiles, bucketArns(destinations)),
    ...allow('FindUploads', rights.FindUploads, bucketArns(destinations)),
  ],

  /** Finds the uploads of which a dead invocation did not live to tell, to end them. */
  findUploads: ({ destinations }: Reach): PolicyStatement[] =>
    allow('FindUploads', rights.FindUploads, bucketArns(destinations)),

  /** Deletes keys that still are what was listed: the condition reads the object. */
  deleteDestination: ({ destinations }: Reach): PolicyStatement[] =>
    allow('DeleteDestination', rights.DeleteDestination, objectArns(destinations)),

  /** Reads and writes objects under the user's own keys, by way of S3 alone. */
  useKeys: ({ keys }: Reach): PolicyStatement[] =>
    allow('UseKeys', [...rights.UseSourceKeys, ...rights.UseDestinationKeys], [...keys]).map((statement) => {
      statement.addCondition('StringLike', { 'kms:ViaService': 's3.*' });
      return statement;
    }),

  /** Takes on the roles that requests may name. */
  assumeRoles: ({ roles }: Reach): PolicyStatement[] => allow('AssumeRoles', rights.AssumeRoles, [...roles]),

  /** Reads what earlier runs have proven. */
  readReceipts: ({ work }: Reach): PolicyStatement[] =>
    allow('ReadReceipts', ['s3:GetObject'], [work.arnForObjects(`${receiptsFolder}*`)]),

  /** Writes down what a run has proven, and removes the files that this replaces. */
  keepReceipts: ({ work }: Reach): PolicyStatement[] =>
    allow(
      'KeepReceipts',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      [work.arnForObjects(`${receiptsFolder}*`)],
    ),

  /** Keeps the files of runs in the work bucket. None of them is ever deleted but by its lifecycle. */
  keepRuns: ({ work }: Reach): PolicyStatement[] => [
    ...allow('ListRuns', ['s3:ListBucket'], [work.bucketArn]),
    ...allow('KeepRuns', ['s3:GetObject', 's3:PutObject'], [work.arnForObjects(`${runsFolder}*`)]),
  ],
};

/** One of the permissions above. */
export type Permission = (typeof may)[keyof typeof may];
