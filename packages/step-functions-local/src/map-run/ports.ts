import type { Json } from '../json.ts';

/** The place that a Distributed Map lists its items from. */
export interface ItemSource {
  /**
   * Lists the objects under a prefix, page by page, in the order of S3.
   *
   * @param signal aborts when the objects are no longer needed
   */
  listObjects(bucket: string, prefix: string, signal: AbortSignal): AsyncIterable<readonly ListedObject[]>;
}

/**
 * An object as `s3:listObjectsV2` passes it to a Map. `Etag` is spelled and quoted as there.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html (read 2026-11-22)
 */
export type ListedObject = {
  readonly Etag: string;
  readonly Key: string;
  /** Seconds since 1970. */
  readonly LastModified: number;
  readonly Size: number;
  readonly StorageClass: string;
} & { readonly [key: string]: Json };

/** The place that a Distributed Map writes its results to. */
export interface ResultSink {
  /** @param signal aborts when the object is no longer needed */
  putObject(bucket: string, key: string, body: string, signal: AbortSignal): Promise<void>;
}
