import type { Json } from '../json.ts';

/** Where the items of a Distributed Map come from. */
export interface ItemSource {
  /**
   * The objects under a prefix, in the order of S3's listing, page by page.
   *
   * @param signal aborted when nobody waits for them any more
   */
  listObjects(bucket: string, prefix: string, signal: AbortSignal): AsyncIterable<readonly ListedObject[]>;
}

/**
 * An object as `s3:listObjectsV2` hands it to a Map, `Etag` spelled and quoted as there.
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

/** Where the results of a Distributed Map go. */
export interface ResultSink {
  /** @param signal aborted when nobody waits for it any more */
  putObject(bucket: string, key: string, body: string, signal: AbortSignal): Promise<void>;
}
