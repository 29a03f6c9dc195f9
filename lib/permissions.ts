import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { iamStatements } from '../core/access/iam-actions.ts';
import { copyRecordsFolder } from '../core/model/copy-records.ts';
import { splitLocation } from '../core/model/location.ts';
import { runsFolder } from './constructs/work-bucket.ts';

/** What the functions of a stack may touch, as the user named it. */
export interface Reach {
  /** Bucket names, or `*` alone. */
  readonly sources: readonly string[];
  /** Bucket names, or `*` alone. */
  readonly destinations: readonly string[];
  /** ARNs of roles that requests may name. */
  readonly roles: readonly string[];
  /** ARNs of the KMS keys that objects of sources and destinations are encrypted with. */
  readonly keys: readonly string[];
  /** ARNs of further keys, of sources that are only read. */
  readonly sourceKeys: readonly string[];
  /** Folders of destinations in which part files may be deleted; `*` alone is everywhere. */
  readonly temp: readonly string[];
  /** What some requests need and most do not. */
  readonly switches: Switches;
  /** `s3://bucket/prefix` of lists that requests may name. */
  readonly lists: readonly string[];
  readonly work: IBucket;
}

/** Rights that only some requests need, each off unless the stack is deployed with it. */
export interface Switches {
  /** Deletes at the destination what the source lacks. */
  readonly delete: boolean;
  /** Reads and writes access control lists. */
  readonly acl: boolean;
  /** Reads and sets retention and legal holds. */
  readonly objectLock: boolean;
}

/** The actions on properties that the switches leave. */
const switched = (actions: readonly string[], { acl, objectLock }: Switches): string[] =>
  actions.filter((action) => {
    if (action.endsWith('Acl')) return acl;
    return /(?:Retention|LegalHold)$/.test(action) ? objectLock : true;
  });

const bucketArns = (names: readonly string[]): string[] =>
  names.map((name) => `arn:${Aws.PARTITION}:s3:::${name}`);
const objectArns = (names: readonly string[]): string[] => bucketArns(names).map((arn) => `${arn}/*`);

const listArn = (location: string): string => {
  const { bucket, path } = splitLocation(location) ?? { bucket: location, path: '' };
  return `arn:${Aws.PARTITION}:s3:::${bucket}/${path}*`;
};

/** Keys of objects in these folders. */
const objectArnsIn = (names: readonly string[], folders: readonly string[]): string[] =>
  bucketArns(names).flatMap((arn) =>
    folders.map((folder) => (folder === '*' ? `${arn}/*` : `${arn}/${folder}*`)),
  );

const allow = (sid: string, actions: readonly string[], resources: string[]): PolicyStatement[] =>
  resources.length === 0 || actions.length === 0
    ? []
    : [new PolicyStatement({ sid, actions: [...new Set(actions)], resources })];

/** Keys are used by way of S3 alone. */
const viaS3 = (statements: readonly PolicyStatement[]): PolicyStatement[] =>
  statements.map((statement) => {
    statement.addCondition('StringLike', { 'kms:ViaService': 's3.*' });
    return statement;
  });

/**
 * The statements that a function's policy is put together from. Actions are named one by one: CDK's `grantRead`
 * would add `s3:GetObject*`, `s3:GetBucket*` and `s3:List*`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (read 2026-11-22)
 */
export const may = {
  /** Lists the buckets, finds their regions, and gets 404 instead of 403 for a key that does not exist. */
  listBuckets: ({ sources, destinations }: Reach): PolicyStatement[] =>
    allow(
      'ListBuckets',
      [...iamStatements.ListSource, ...iamStatements.ListDestination, ...iamStatements.ListPartFiles],
      bucketArns([...new Set([...sources, ...destinations])]),
    ),

  /** HEADs and reads objects at both ends: to compare them, and to read lists and part file records. */
  readBothEnds: ({ sources, destinations }: Reach): PolicyStatement[] => [
    ...allow(
      'ReadBothEnds',
      iamStatements.CompareDestination,
      objectArns([...new Set([...sources, ...destinations])]),
    ),
    ...allow('ReadVersions', ['s3:GetObjectVersion'], objectArns(sources)),
  ],

  /** Reads lists of keys in the source, and where else they were named; those in the work bucket are files of runs. */
  readLists: ({ sources, lists }: Reach): PolicyStatement[] =>
    allow('ReadLists', iamStatements.ReadLists, [...objectArns(sources), ...lists.map(listArn)]),

  /** Sees whether the source has a key, before it is deleted at the destination. */
  lookAtSource: ({ sources }: Reach): PolicyStatement[] =>
    allow('LookAtSource', ['s3:GetObject'], objectArns(sources)),

  /** Copies from the source, with its tags. */
  readSource: ({ sources }: Reach): PolicyStatement[] =>
    allow('ReadSource', iamStatements.ReadSource, objectArns(sources)),

  /** Writes copies, part files and uploads, reads them back, and aborts uploads that lost a race. */
  writeDestination: ({ destinations }: Reach): PolicyStatement[] =>
    allow('WriteDestination', iamStatements.WriteDestination, objectArns(destinations)),

  /** Reads what copy requests may preserve, besides headers and tags. */
  readProperties: ({ sources, switches }: Reach): PolicyStatement[] =>
    allow('ReadProperties', switched(iamStatements.ReadProperties, switches), objectArns(sources)),

  /** Gives copies what requests ask for, also to a version that is published already, in the name of the bucket's owner. */
  writeProperties: ({ destinations, switches }: Reach): PolicyStatement[] => [
    ...allow('WriteProperties', switched(iamStatements.WriteProperties, switches), objectArns(destinations)),
    ...allow('SeeOwner', switched(iamStatements.SeeOwner, switches), bucketArns(destinations)),
  ],

  /** Sees whether a destination takes access control lists at all. */
  seeOwnership: ({ destinations, switches }: Reach): PolicyStatement[] =>
    switches.acl ? allow('SeeOwnership', iamStatements.SeeOwnership, bucketArns(destinations)) : [],

  /** Sees whether a destination would lock part files. */
  seeObjectLock: ({ destinations }: Reach): PolicyStatement[] =>
    allow('SeeObjectLock', iamStatements.SeeObjectLock, bucketArns(destinations)),

  /** Sees how many functions the account lets run at once. The action names no resource. */
  seeAccountLimit: (): PolicyStatement[] => allow('SeeAccountLimit', ['lambda:GetAccountSettings'], ['*']),

  /** Ends the uploads that a dead invocation left, and removes part files, by version, that are not to be kept. */
  tidyPartFiles: ({ destinations, temp }: Reach): PolicyStatement[] => [
    ...allow('RemovePartFiles', iamStatements.RemovePartFiles, objectArnsIn(destinations, temp)),
    ...allow('FindPartFiles', iamStatements.FindPartFiles, bucketArns(destinations)),
    ...allow('FindUploads', iamStatements.FindUploads, bucketArns(destinations)),
  ],

  /** Finds the uploads that a dead invocation did not record, to abort them. */
  findUploads: ({ destinations }: Reach): PolicyStatement[] =>
    allow('FindUploads', iamStatements.FindUploads, bucketArns(destinations)),

  /** Deletes keys that still are what was listed: the condition reads the object. */
  deleteDestination: ({ destinations, switches }: Reach): PolicyStatement[] =>
    switches.delete
      ? allow('DeleteDestination', iamStatements.DeleteDestination, objectArns(destinations))
      : [],

  /** Reads objects under the user's own keys. */
  readWithKeys: ({ keys, sourceKeys }: Reach): PolicyStatement[] =>
    viaS3(allow('ReadWithKeys', iamStatements.UseSourceKeys, [...new Set([...keys, ...sourceKeys])])),

  /** Writes objects under the user's own keys. */
  writeWithKeys: ({ keys }: Reach): PolicyStatement[] =>
    viaS3(allow('WriteWithKeys', ['kms:GenerateDataKey'], [...keys])),

  /** Takes on the roles that requests may name. */
  assumeRoles: ({ roles }: Reach): PolicyStatement[] =>
    allow('AssumeRoles', iamStatements.AssumeRoles, [...roles]),

  /** Reads what earlier runs have proven. */
  readCopyRecords: ({ work }: Reach): PolicyStatement[] =>
    allow('ReadReceipts', ['s3:GetObject'], [work.arnForObjects(`${copyRecordsFolder}*`)]),

  /** Writes down what a run has proven, and removes the files that this replaces. */
  keepCopyRecords: ({ work }: Reach): PolicyStatement[] =>
    allow(
      'KeepReceipts',
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      [work.arnForObjects(`${copyRecordsFolder}*`)],
    ),

  /** Keeps the files of runs in the work bucket. None of them is ever deleted but by its lifecycle. */
  keepRuns: ({ work }: Reach): PolicyStatement[] => [
    ...allow('ListRuns', ['s3:ListBucket'], [work.bucketArn]),
    ...allow('KeepRuns', ['s3:GetObject', 's3:PutObject'], [work.arnForObjects(`${runsFolder}*`)]),
  ],
};

/** One of the permissions above. */
export type Permission = (typeof may)[keyof typeof may];
