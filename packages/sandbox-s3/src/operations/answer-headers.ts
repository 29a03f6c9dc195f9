import { checksumHeaderName } from '../body/requested-checksum.ts';
import { httpDate, quoted } from '../http/answer.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket } from '../index/buckets.ts';
import type { ObjectChecksum, ObjectVersion } from '../index/objects.ts';
import { encryptionAnswerHeaders } from './encryption.ts';
import { versionHeader } from './find-object.ts';
import { metadataAnswerHeaders } from './object-properties.ts';

type Headers = Record<string, string | number | undefined>;

/** Makes the headers that show a checksum. */
export function checksumAnswerHeaders(checksum: ObjectChecksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeaderName(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}

/** Writes the elements that show a checksum. */
export function checksumElements(checksum: ObjectChecksum | undefined): (Markup | undefined)[] {
  if (checksum === undefined) return [];
  return [element(`Checksum${checksum.algorithm}`, checksum.value), element('ChecksumType', checksum.type)];
}

function restoreHeader({ restoredUntil }: ObjectVersion['properties']): string | undefined {
  return restoredUntil === undefined
    ? undefined
    : `ongoing-request="false", expiry-date="${httpDate(restoredUntil)}"`;
}

function lockAnswerHeaders({ retention, legalHold }: ObjectVersion['properties']): Headers {
  return {
    'x-amz-object-lock-mode': retention?.mode,
    'x-amz-object-lock-retain-until-date': retention?.until,
    'x-amz-object-lock-legal-hold': legalHold,
  };
}

/** Makes the headers that the answers to GET and HEAD have in common. */
export function objectAnswerHeaders(bucket: Bucket, object: ObjectVersion): Headers {
  const { properties } = object;
  return {
    ...properties.headers,
    ...metadataAnswerHeaders(properties),
    ...encryptionAnswerHeaders(properties.encryption),
    ...versionHeader(bucket, object.version),
    ...lockAnswerHeaders(properties),
    'accept-ranges': 'bytes',
    etag: quoted(object.etag),
    'last-modified': httpDate(object.modified),
    'x-amz-storage-class': properties.storageClass === 'STANDARD' ? undefined : properties.storageClass,
    'x-amz-restore': restoreHeader(properties),
    'x-amz-website-redirect-location': properties.redirect,
    'x-amz-tagging-count': properties.tags.length === 0 ? undefined : properties.tags.length,
  };
}

/** Makes the headers of the answer to a write. */
export function writeAnswerHeaders(bucket: Bucket, object: ObjectVersion): Headers {
  return {
    etag: quoted(object.etag),
    ...versionHeader(bucket, object.version),
    ...encryptionAnswerHeaders(object.properties.encryption),
    ...checksumAnswerHeaders(object.checksum),
  };
}
