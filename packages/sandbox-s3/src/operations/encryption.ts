import { randomBytes } from 'node:crypto';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import type { Bucket, Encryption } from '../index/buckets.ts';
import { S3Error } from '../s3-error.ts';

/** Headers about the encryption of an object. */
export const encryptionHeaders = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-*',
  'x-amz-copy-source-server-side-encryption-customer-*',
];

/** Encryptions with which the ETag of an object is not the MD5 of its bytes. */
const kms = ['aws:kms', 'aws:kms:dsse'];

/** Whether the ETags of objects with this encryption do not depend on their bytes. */
export function hidesMd5(encryption: Encryption): boolean {
  return kms.includes(encryption.algorithm);
}

/**
 * Refuses an encryption that S3 does not have.
 *
 * @throws {S3Error} `InvalidArgument`
 */
export function checkEncryptionAlgorithm(algorithm: string): void {
  if (algorithm !== 'AES256' && !kms.includes(algorithm)) {
    throw new S3Error('InvalidArgument', 'The encryption method specified is not supported', {
      details: { ArgumentName: 'x-amz-server-side-encryption', ArgumentValue: algorithm },
    });
  }
}

/**
 * Finds the encryption of a new object: that of the request, otherwise the default of the bucket. The store does not
 * encrypt anything; it only shows clients what S3 would show.
 *
 * @throws {S3Error} `AccessDenied` for customer keys, which new buckets have blocked since April 2026
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html (read 2026-11-22)
 */
export function requestedEncryption(request: S3Request, bucket: Bucket): Encryption {
  if (readHeader(request, 'x-amz-server-side-encryption-customer-algorithm') !== undefined)
    throw new S3Error('AccessDenied');
  const algorithm = readHeader(request, 'x-amz-server-side-encryption');
  const keyId = readHeader(request, 'x-amz-server-side-encryption-aws-kms-key-id');
  if (algorithm === undefined) return bucket.settings.encryption;
  checkEncryptionAlgorithm(algorithm);
  if (algorithm === 'AES256') return { algorithm };
  const bucketKey = readHeader(request, 'x-amz-server-side-encryption-bucket-key-enabled') === 'true';
  const account = bucket.settings.owner;
  return {
    algorithm,
    keyId: keyId ?? `arn:aws:kms:${bucket.settings.region}:${account}:alias/aws/s3`,
    bucketKey,
  };
}

/** Makes the headers that show the encryption of an object. */
export function encryptionAnswerHeaders({ algorithm, keyId, bucketKey }: Encryption): Record<string, string> {
  return {
    'x-amz-server-side-encryption': algorithm,
    ...(keyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': keyId }),
    ...(bucketKey === true ? { 'x-amz-server-side-encryption-bucket-key-enabled': 'true' } : {}),
  };
}

/** Makes the ETag for bytes with this MD5 (base64): the MD5 in hexadecimal, or random digits with KMS. */
export function makeEtag(md5: string | undefined, encryption: Encryption): string {
  return hidesMd5(encryption)
    ? randomBytes(16).toString('hex')
    : Buffer.from(md5 ?? '', 'base64').toString('hex');
}
