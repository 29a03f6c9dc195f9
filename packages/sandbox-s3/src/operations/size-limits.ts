/** Bytes in one mebibyte. */
const MiB = 1024 ** 2;

/**
 * Largest body of a PutObject or UploadPart, and largest source of a CopyObject.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (read 2026-11-22)
 */
export const maxPutBytes = 5 * 1024 * MiB;

/** Smallest part of a multipart upload but for its last. */
export const minPartBytes = 5 * MiB;

/** Part numbers are 1 to this. */
export const maxParts = 10_000;
