import type { CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import type { PlannedObject } from '../core/orders.ts';
import { encodeTags } from '../s3/encoding.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { type CopyContext, sourceOf } from './context.ts';

/**
 * The headers, metadata and tags of the source, for an upload, which inherits nothing. CopyObject carries the same
 * by itself.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html (read 2026-11-22)
 */
export async function uploadProperties(
  context: CopyContext,
  object: PlannedObject,
  { headers }: ObjectHead,
): Promise<Partial<CreateMultipartUploadCommandInput>> {
  const expires = new Date(headers.ExpiresString ?? Number.NaN);
  const tagging = (headers.TagCount ?? 0) > 0 ? await tagsOf(context, object) : undefined;
  return withoutUndefined({
    CacheControl: headers.CacheControl,
    ContentDisposition: headers.ContentDisposition,
    ContentEncoding: headers.ContentEncoding,
    ContentLanguage: headers.ContentLanguage,
    ContentType: headers.ContentType,
    Expires: Number.isNaN(expires.getTime()) ? undefined : expires,
    Metadata: headers.Metadata,
    Tagging: tagging,
  });
}

const tagsOf = async (context: CopyContext, object: PlannedObject): Promise<string> =>
  encodeTags(await context.requests.send(() => context.run.source.store.tags(sourceOf(context, object))));

const withoutUndefined = (properties: Record<string, unknown>): Partial<CreateMultipartUploadCommandInput> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
