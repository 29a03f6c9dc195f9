/**
 * The partition of AWS that a region belongs to, which ARNs begin with.
 *
 * @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html (read 2026-11-22)
 */
export function findPartition(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The ARN of a bucket, or of an object in it. */
export const s3Arn = (partition: string, bucket: string, key?: string): string =>
  `arn:${partition}:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
