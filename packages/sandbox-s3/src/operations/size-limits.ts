/** Bytes in one mebibyte. */
const MiB = 1024 ** 2;

/**
 * Largest body of a PutObject or UploadPart, and largest source of a CopyObject, in bytes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (read 2026-11-22)
 */
export const maxPutBytes = 5 * 1024 * MiB;

/** Smallest part of a multipart upload except the last, in bytes. */
export const minPartBytes = 5 * MiB;

/** Highest part number; the lowest is 1. */
export const maxParts = 10_000;
