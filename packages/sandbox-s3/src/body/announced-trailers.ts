import { headerOf, type S3Request } from '../http/s3-request.ts';
import { S3Error } from '../s3-error.ts';

/**
 * The names in `x-amz-trailer`, in lowercase: S3 takes checksums alone.
 *
 * @throws {S3Error} `InvalidRequest`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html (read 2026-11-25)
 */
export function announcedTrailers(request: S3Request): string[] {
  const header = headerOf(request, 'x-amz-trailer');
  if (header === undefined) return [];
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  if (names.every((name) => name.startsWith('x-amz-checksum-'))) return names;
  throw new S3Error('InvalidRequest', 'The value specified in the x-amz-trailer header is not supported');
}
