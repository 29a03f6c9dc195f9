import type { S3Client } from '@aws-sdk/client-s3';

/** What every request says of a bucket that it touches, so that no call can forget it. */
export interface BucketTerms {
  /** Account that must own the bucket; S3 refuses the request if another does. */
  readonly owner?: string;
  /** The caller agrees to pay. */
  readonly requesterPays?: boolean;
}

/** Terms by the name of the bucket. */
export type TermsByBucket = Readonly<Record<string, BucketTerms>>;

interface Addressed {
  readonly Bucket?: string;
  /** `bucket/key`, encoded. */
  readonly CopySource?: string;
}

/**
 * The headers of a request that addresses one bucket and may copy from another.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html (read 2026-11-22)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ObjectsinRequesterPaysBuckets.html (read 2026-11-22)
 */
function headersOf(
  terms: TermsByBucket,
  { Bucket = '', CopySource = '' }: Addressed,
): Record<string, string> {
  const own = terms[Bucket];
  const copied = terms[CopySource.slice(0, CopySource.indexOf('/'))];
  const isPaid = own?.requesterPays === true || copied?.requesterPays === true;
  return {
    ...(own?.owner === undefined ? {} : { 'x-amz-expected-bucket-owner': own.owner }),
    ...(copied?.owner === undefined ? {} : { 'x-amz-source-expected-bucket-owner': copied.owner }),
    ...(isPaid ? { 'x-amz-request-payer': 'requester' } : {}),
  };
}

/** Makes a client say these terms in every request, before it is signed. */
export function applyTerms(client: S3Client, terms: TermsByBucket): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      Object.assign(headers, headersOf(terms, args.input as Addressed));
      return next(args);
    },
    { step: 'build', name: 'bucketTerms' },
  );
}
