import { readDocument } from '../body/document.ts';
import { checksumRequestHeaders } from '../body/requested-checksum.ts';
import { emptyAnswer, xmlAnswer } from '../http/answer.ts';
import { readHeader } from '../http/s3-request.ts';
import { childText, expectShape, parseXml } from '../http/xml-reader.ts';
import { element } from '../http/xml-writer.ts';
import type { ObjectVersion, Retention } from '../index/objects.ts';
import { S3Error } from '../s3-error.ts';
import type { Call, Operation } from './call.ts';
import { findObject, requestedAddress } from './find-object.ts';

function findLockable(call: Call, action: string): ObjectVersion {
  const address = requestedAddress(call);
  call.permit(action, address.bucket.name, address.key);
  if (address.bucket.settings.objectLock === undefined) {
    throw new S3Error('InvalidRequest', 'Bucket is missing Object Lock Configuration');
  }
  return findObject(call, address);
}

const getObjectRetention: Operation = {
  query: ['retention', 'versionId'],
  handle: (call) => {
    const { retention } = findLockable(call, 's3:GetObjectRetention').properties;
    if (retention === undefined) throw new S3Error('NoSuchObjectLockConfiguration');
    return xmlAnswer('Retention', [
      element('Mode', retention.mode),
      element('RetainUntilDate', retention.until),
    ]);
  },
};

/** Refuses to shorten a retention, unless it is in governance mode and the request bypasses that. */
function checkShortening(call: Call, { properties }: ObjectVersion, next: Retention | undefined): void {
  const { retention } = properties;
  if (retention === undefined || Date.parse(retention.until) <= call.store.now()) return;
  const prolongs =
    next !== undefined &&
    Date.parse(next.until) >= Date.parse(retention.until) &&
    next.mode === retention.mode;
  const bypassed =
    retention.mode === 'GOVERNANCE' &&
    readHeader(call.request, 'x-amz-bypass-governance-retention') === 'true';
  if (!prolongs && !bypassed)
    throw new S3Error('AccessDenied', 'Access Denied because object protected by object lock.');
}

const putObjectRetention: Operation = {
  headers: [...checksumRequestHeaders, 'x-amz-bypass-governance-retention'],
  query: ['retention', 'versionId'],
  handle: async (call) => {
    const root = parseXml((await readDocument(call.request)).toString());
    expectShape(root, 'Retention', ['Mode', 'RetainUntilDate']);
    const object = findLockable(call, 's3:PutObjectRetention');
    const [mode, until] = [childText(root, 'Mode'), childText(root, 'RetainUntilDate')];
    if ((mode === undefined) !== (until === undefined)) throw new S3Error('MalformedXML');
    const retention = mode === undefined || until === undefined ? undefined : { mode, until };
    checkShortening(call, object, retention);
    call.store.objects.update(object, { retention });
    return emptyAnswer(200);
  },
};

const getObjectLegalHold: Operation = {
  query: ['legal-hold', 'versionId'],
  handle: (call) => {
    const { legalHold } = findLockable(call, 's3:GetObjectLegalHold').properties;
    if (legalHold === undefined) throw new S3Error('NoSuchObjectLockConfiguration');
    return xmlAnswer('LegalHold', [element('Status', legalHold)]);
  },
};

const putObjectLegalHold: Operation = {
  headers: checksumRequestHeaders,
  query: ['legal-hold', 'versionId'],
  handle: async (call) => {
    const root = parseXml((await readDocument(call.request)).toString());
    expectShape(root, 'LegalHold', ['Status']);
    const status = childText(root, 'Status');
    if (status !== 'ON' && status !== 'OFF') throw new S3Error('MalformedXML');
    call.store.objects.update(findLockable(call, 's3:PutObjectLegalHold'), { legalHold: status });
    return emptyAnswer(200);
  },
};

/** The operations on locks of objects. */
export const objectLockOperations = {
  GetObjectRetention: getObjectRetention,
  PutObjectRetention: putObjectRetention,
  GetObjectLegalHold: getObjectLegalHold,
  PutObjectLegalHold: putObjectLegalHold,
} satisfies Record<string, Operation>;
