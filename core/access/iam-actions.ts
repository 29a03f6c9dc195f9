/**
 * What s3copy asks to be allowed, by the id of the statement in the policies that `s3copy policy` prints. The stack's
 * own policies and the words of every refusal are made of the same.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (read 2026-11-22)
 */
export const iamStatements = {
  /** Lists the source, finds its region, and gets 404 instead of 403 for a key that does not exist. */
  ListSource: ['s3:ListBucket'],
  /** Copies from the source, with its tags. */
  ReadSource: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  /** Reads the lists of keys that a request names. */
  ReadLists: ['s3:GetObject'],
  /** Lists what is at the destination. */
  ListDestination: ['s3:ListBucket'],
  /** Looks at objects of the destination to compare them, and at the records of part files. */
  CompareDestination: ['s3:GetObject'],
  /**
   * Writes copies, part files and uploads, reads them back, and aborts uploads that lost a race. Tags that no header
   * holds are written to the version that is published.
   */
  WriteDestination: [
    's3:GetObject',
    's3:GetObjectTagging',
    's3:PutObject',
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
    's3:ListMultipartUploadParts',
    's3:AbortMultipartUpload',
  ],
  /** Lists the part files that staged copies continue from. */
  ListPartFiles: ['s3:ListBucket'],
  /** Finds the uploads that a dead invocation left. */
  FindUploads: ['s3:ListBucketMultipartUploads'],
  /** Finds all versions of part files that are not to be kept. */
  FindPartFiles: ['s3:ListBucketVersions'],
  /**
   * Removes part files that are not to be kept, by version.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html (read 2026-11-22): "you must always
   * specify the s3:DeleteObject permission"
   */
  RemovePartFiles: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  /** Removes what the source lacks, when a run is asked to; the condition reads the object. */
  DeleteDestination: ['s3:DeleteObject', 's3:GetObject'],
  /** Reads what copy requests may preserve, besides headers and tags. */
  ReadProperties: [
    's3:GetObjectAcl',
    's3:GetObjectVersionAcl',
    's3:GetObjectRetention',
    's3:GetObjectLegalHold',
    's3:GetObjectAnnotation',
    's3:ListObjectAnnotations',
  ],
  /** Gives copies what requests ask for, also to a version that is published already. */
  WriteProperties: [
    's3:PutObjectAcl',
    's3:PutObjectVersionAcl',
    's3:PutObjectRetention',
    's3:PutObjectLegalHold',
    's3:PutObjectAnnotation',
  ],
  /** Learns who owns the destination, in whose name copies get access control lists. */
  SeeOwner: ['s3:GetBucketAcl'],
  /** Sees whether the destination takes access control lists at all. */
  SeeOwnership: ['s3:GetBucketOwnershipControls'],
  /** Sees whether part files would be locked. */
  SeeObjectLock: ['s3:GetBucketObjectLockConfiguration'],
  /** Reads objects under the keys of the source, by way of S3 alone. */
  UseSourceKeys: ['kms:Decrypt'],
  /** Writes objects under the keys of the destination; uploads in parts read them, too. */
  UseDestinationKeys: ['kms:Decrypt', 'kms:GenerateDataKey'],
  /** Looks at objects under the keys of the destination to compare them. */
  ReadDestinationKeys: ['kms:Decrypt'],
  /** Takes on the roles that requests name. */
  AssumeRoles: ['sts:AssumeRole'],
  /** Lets the functions take on a role. */
  TrustFunctions: ['sts:AssumeRole'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Id of a statement. */
export type StatementId = keyof typeof iamStatements;

const reads: readonly StatementId[] = ['ReadSource', 'UseSourceKeys'];
const writes: readonly StatementId[] = ['WriteDestination', 'UseDestinationKeys'];

/** The statements that an operation of S3 may have lacked. Those of the end that the run reads come first. */
const neededBy: Readonly<Record<string, readonly StatementId[]>> = {
  HeadBucket: ['ListSource', 'ListDestination'],
  ListObjectsV2: ['ListSource', 'ListDestination', 'ListPartFiles'],
  HeadObject: ['ReadSource', 'CompareDestination', 'WriteDestination', 'UseSourceKeys', 'UseDestinationKeys'],
  GetObject: ['ReadSource', 'CompareDestination', 'WriteDestination'],
  GetObjectTagging: ['ReadSource'],
  CopyObject: [...reads, ...writes],
  UploadPartCopy: [...reads, ...writes],
  CreateMultipartUpload: writes,
  CompleteMultipartUpload: writes,
  PutObject: writes,
  PutObjectTagging: writes,
  ListParts: ['WriteDestination'],
  AbortMultipartUpload: ['WriteDestination'],
  ListMultipartUploads: ['FindUploads'],
  ListObjectVersions: ['FindPartFiles'],
  DeleteObject: ['RemovePartFiles', 'DeleteDestination'],
  DeleteObjects: ['RemovePartFiles', 'DeleteDestination'],
};

/** S3 names the action that it denies, except to strangers; so do our own words after a second look. */
const deniedAction = /not authorized to perform: (\w+:\w+)|(\w+:\w+) on \S+ is denied/;

/** The action that a refusal names, if it does. */
export function actionIn(message: string): string | undefined {
  const found = deniedAction.exec(message);
  return found?.[1] ?? found?.[2];
}

/**
 * The statements of which one was missing when S3 denied access.
 *
 * @param operation of S3, such as `CopyObject`
 * @param message what S3 said
 */
export function missingStatements(operation: string, message: string): readonly StatementId[] {
  const possible = neededBy[operation] ?? [];
  const action = actionIn(message);
  const allows = (id: StatementId): boolean =>
    (iamStatements[id] as readonly (string | undefined)[]).includes(action);
  const exact = possible.filter(allows);
  if (exact.length > 0) return exact;
  const others = (Object.keys(iamStatements) as StatementId[]).filter(allows);
  return others.length > 0 ? others : possible;
}

/** Says which statements are missing, to append to the message of a denied request. */
export const adviceOn = (operation: string, message: string): string =>
  adviceToAdd(missingStatements(operation, message));

/** Says to add what is missing, which is one of these statements. */
export function adviceToAdd(ids: readonly StatementId[]): string {
  if (ids.length === 0) return '';
  const statements = ids.length === 1 ? 'the statement' : 'one of the statements';
  return `; add ${statements} ${ids.join(', ')} that "s3copy policy" prints`;
}
