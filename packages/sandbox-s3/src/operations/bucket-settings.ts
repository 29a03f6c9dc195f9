import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { type Answer, emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { childText, expectShape, findChildren, parseXml, type XmlElement } from '../http/xml-reader.ts';
import { element } from '../http/xml-writer.ts';
import type { Bucket, BucketSettings, Encryption } from '../index/buckets.ts';
import { S3Error } from '../s3-error.ts';
import { aclElements, objectOwnerships, parseAcl, requestedAcl } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { checkEncryptionAlgorithm, hidesMd5 } from './encryption.ts';
import { findBucket } from './find-object.ts';
import { parseTagging, tagSet } from './tags.ts';

/** Most tags of a bucket. */
const maxBucketTags = 50;

async function readXml(call: Call): Promise<XmlElement> {
  return parseXml((await readDocument(call.request)).toString());
}

function permitted(call: Call, action: string): Bucket {
  const bucket = findBucket(call);
  call.permit(action, bucket.name);
  return bucket;
}

/** Makes an operation that shows a setting. */
function reader(subresource: string, action: string, show: (bucket: Bucket) => Answer): Operation {
  return { query: [subresource], handle: (call) => show(permitted(call, action)) };
}

/** Makes an operation that changes settings as a document says. */
function writer(
  subresource: string,
  action: string,
  change: (root: XmlElement, bucket: Bucket) => Partial<BucketSettings>,
): Operation {
  return {
    headers: checksumRequestHeaders,
    query: [subresource],
    handle: async (call) => {
      const root = await readXml(call);
      const bucket = permitted(call, action);
      call.store.buckets.configure(bucket, change(root, bucket));
      return emptyAnswer(200);
    },
  };
}

/** Makes an operation that resets settings. */
function remover(subresource: string, action: string, changes: Partial<BucketSettings>): Operation {
  return {
    query: [subresource],
    handle: (call) => {
      call.store.buckets.configure(permitted(call, action), changes);
      return emptyAnswer(204);
    },
  };
}

function parseVersioning(root: XmlElement, bucket: Bucket): Partial<BucketSettings> {
  expectShape(root, 'VersioningConfiguration', ['Status', 'MfaDelete']);
  if (childText(root, 'MfaDelete') === 'Enabled')
    throw new S3Error('NotImplemented', 'MfaDelete is not implemented');
  const status = childText(root, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended')
    throw new S3Error('IllegalVersioningConfigurationException');
  if (status === 'Suspended' && bucket.settings.objectLock !== undefined) {
    throw new S3Error(
      'InvalidBucketState',
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
    );
  }
  return { versioning: status };
}

function parseEncryption(root: XmlElement): Partial<BucketSettings> {
  expectShape(root, 'ServerSideEncryptionConfiguration', ['Rule']);
  const rule = findChildren(root, 'Rule')[0];
  const byDefault = rule && findChildren(rule, 'ApplyServerSideEncryptionByDefault')[0];
  const algorithm = byDefault && childText(byDefault, 'SSEAlgorithm');
  if (rule === undefined || algorithm === undefined) throw new S3Error('MalformedXML');
  checkEncryptionAlgorithm(algorithm);
  const keyId = childText(byDefault as XmlElement, 'KMSMasterKeyID');
  return { encryption: { algorithm, keyId, bucketKey: childText(rule, 'BucketKeyEnabled') === 'true' } };
}

function encryptionElement(encryption: Encryption): ReturnType<typeof element> {
  return element('Rule', [
    element('ApplyServerSideEncryptionByDefault', [
      element('SSEAlgorithm', encryption.algorithm),
      element('KMSMasterKeyID', encryption.keyId),
    ]),
    element('BucketKeyEnabled', hidesMd5(encryption) && encryption.bucketKey === true),
  ]);
}

function parseOwnership(root: XmlElement): Partial<BucketSettings> {
  expectShape(root, 'OwnershipControls', ['Rule']);
  const rule = findChildren(root, 'Rule')[0];
  const ownership = rule && childText(rule, 'ObjectOwnership');
  if (ownership === undefined || !objectOwnerships.includes(ownership)) throw new S3Error('MalformedXML');
  return { ownership };
}

function parseObjectLock(root: XmlElement, bucket: Bucket): Partial<BucketSettings> {
  expectShape(root, 'ObjectLockConfiguration', ['ObjectLockEnabled', 'Rule']);
  if (childText(root, 'ObjectLockEnabled') !== 'Enabled') throw new S3Error('MalformedXML');
  if (bucket.settings.versioning !== 'Enabled') {
    throw new S3Error(
      'InvalidBucketState',
      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    );
  }
  const rule = findChildren(root, 'Rule')[0];
  const retention = rule && findChildren(rule, 'DefaultRetention')[0];
  if (retention === undefined) return { objectLock: {} };
  const [mode, days, years] = ['Mode', 'Days', 'Years'].map((name) => childText(retention, name));
  if (!['GOVERNANCE', 'COMPLIANCE'].includes(mode ?? '') || (days === undefined) === (years === undefined)) {
    throw new S3Error('MalformedXML');
  }
  const count = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  return {
    objectLock: { defaultRetention: { mode: mode as string, days: count(days), years: count(years) } },
  };
}

function showObjectLock({ name, settings }: Bucket): Answer {
  if (settings.objectLock === undefined) {
    throw new S3Error('ObjectLockConfigurationNotFoundError', undefined, { details: { BucketName: name } });
  }
  const retention = settings.objectLock.defaultRetention;
  const parts = [
    element('Mode', retention?.mode),
    element('Days', retention?.days),
    element('Years', retention?.years),
  ];
  const rule = retention && element('Rule', [element('DefaultRetention', parts)]);
  return xmlAnswer('ObjectLockConfiguration', [element('ObjectLockEnabled', 'Enabled'), rule]);
}

function showOwnership({ settings }: Bucket): Answer {
  return xmlAnswer('OwnershipControls', [element('Rule', [element('ObjectOwnership', settings.ownership)])]);
}

function showTags({ name, settings }: Bucket): Answer {
  if (settings.tags === undefined)
    throw new S3Error('NoSuchTagSet', undefined, { details: { BucketName: name } });
  return xmlAnswer('Tagging', [tagSet(settings.tags)]);
}

const putBucketTagging: Operation = {
  headers: checksumRequestHeaders,
  query: ['tagging'],
  handle: async (call) => {
    const tags = parseTagging((await readDocument(call.request)).toString(), maxBucketTags);
    call.store.buckets.configure(permitted(call, 's3:PutBucketTagging'), { tags });
    return emptyAnswer(204);
  },
};

const putBucketAcl: Operation = {
  headers: [...checksumRequestHeaders, 'x-amz-acl', 'x-amz-grant-*'],
  query: ['acl'],
  handle: async (call) => {
    const body = (await readDocument(call.request)).toString();
    const bucket = permitted(call, 's3:PutBucketAcl');
    const acl =
      body === '' ? requestedAcl(call.request, bucket, bucket.settings.owner) : parseAcl(body, bucket);
    if (acl === undefined) throw new S3Error('MalformedXML');
    call.store.buckets.configure(bucket, { acl });
    return emptyAnswer(200);
  },
};

const putObjectLock: Operation = {
  ...writer('object-lock', 's3:PutBucketObjectLockConfiguration', parseObjectLock),
  headers: [...checksumRequestHeaders],
};

const getVersioning = ({ settings }: Bucket): Answer =>
  xmlAnswer('VersioningConfiguration', [element('Status', settings.versioning)]);

/** The operations on settings of buckets. */
export const bucketSettingOperations = {
  GetBucketAcl: reader('acl', 's3:GetBucketAcl', ({ settings }) =>
    xmlAnswer('AccessControlPolicy', aclElements(settings.owner, settings.acl)),
  ),
  PutBucketAcl: putBucketAcl,
  GetBucketEncryption: reader('encryption', 's3:GetEncryptionConfiguration', ({ settings }) =>
    xmlAnswer('ServerSideEncryptionConfiguration', [encryptionElement(settings.encryption)]),
  ),
  PutBucketEncryption: writer('encryption', 's3:PutEncryptionConfiguration', parseEncryption),
  DeleteBucketEncryption: remover('encryption', 's3:PutEncryptionConfiguration', {
    encryption: { algorithm: 'AES256' },
  }),
  GetBucketOwnershipControls: reader('ownershipControls', 's3:GetBucketOwnershipControls', showOwnership),
  PutBucketOwnershipControls: writer('ownershipControls', 's3:PutBucketOwnershipControls', parseOwnership),
  GetBucketTagging: reader('tagging', 's3:GetBucketTagging', showTags),
  PutBucketTagging: putBucketTagging,
  DeleteBucketTagging: remover('tagging', 's3:PutBucketTagging', { tags: undefined }),
  GetBucketVersioning: reader('versioning', 's3:GetBucketVersioning', getVersioning),
  PutBucketVersioning: writer('versioning', 's3:PutBucketVersioning', parseVersioning),
  GetObjectLockConfiguration: reader('object-lock', 's3:GetBucketObjectLockConfiguration', showObjectLock),
  PutObjectLockConfiguration: putObjectLock,
} satisfies Record<string, Operation>;
