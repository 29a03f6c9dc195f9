import type { PlannedObject } from '../core/orders.ts';
import type { Opened, UploadProperties } from '../s3/object-store.ts';
import { type CopyContext, targetOf } from './context.ts';
import { abortStrayUploads } from './strays.ts';
import { tidy } from './tidy.ts';

/**
 * Opens an upload of an object, which is ended behind the work in any case, so that nothing is published: S3 tells
 * whether it would take these properties, and how the bucket encrypts.
 */
export async function duringTrial<T>(
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { destination, requests } = context;
  const target = targetOf(context, object);
  const opened = await requests.send(() => destination.store.createUpload(target, properties));
  try {
    return await work(opened);
  } finally {
    await abortStrayUploads(context, target, opened.uploadId);
    await tidy(() => requests.send(() => destination.store.abortUpload(target, opened.uploadId)));
  }
}

/** Opens an upload of an object and ends it at once. */
export const tryUpload = (
  context: CopyContext,
  object: PlannedObject,
  properties: UploadProperties,
): Promise<Opened> => duringTrial(context, object, properties, (opened) => Promise.resolve(opened));
