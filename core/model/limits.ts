/** Bytes in one kibibyte. */
export const KiB = 1024;
/** Bytes in one mebibyte. Sizes in this code base are binary (MiB, GiB), never MB or GB. */
export const MiB = 1024 ** 2;
/** Bytes in one gibibyte. */
export const GiB = 1024 ** 3;
/** Bytes in one tebibyte. */
export const TiB = 1024 ** 4;

/**
 * Hard limits of the S3 API; nothing here is tunable.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (read 2026-11-22)
 */
export const S3Limits = {
  /** Bytes of the smallest part of a multipart upload, but for its last part. */
  minPartBytes: 5 * MiB,
  /** Bytes of the largest part. */
  maxPartBytes: 5 * GiB,
  /** Parts of one upload. */
  maxParts: 10_000,
  /** Bytes of the largest object that one CopyObject copies. */
  maxCopyObjectBytes: 5 * GiB,
  /** Bytes of UTF-8 in an object key. */
  maxKeyBytes: 1024,
} as const;
