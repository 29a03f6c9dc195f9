import type { PlannedObject } from '../model/batches.ts';
import { isSameAsOnePart } from '../model/etags.ts';
import type { PartLayout } from '../model/part-files.ts';
import { wholeChecksum } from '../rules/checksums.ts';
import type { Checksum } from '../rules/compare.ts';
import { hashes } from '../rules/hashes.ts';
import { type Part, partBytes } from '../rules/part-layout.ts';
import type { CopiedPart, UploadedPart } from '../s3/object-store.ts';
import type { VersionAddress } from '../s3/property-store.ts';

/** What a part of the target is copied from, and what is known of its bytes. */
export interface PartSource {
  readonly source: VersionAddress;
  readonly sourceEtag: string;
  /** Left out: all of the source. */
  readonly range?: Part;
  /** MD5 of the bytes, when it is known. */
  readonly md5?: string;
  /** ETag of a one-part upload of the bytes, when that is known instead. */
  readonly uploadEtag?: string;
  /** Checksums of the bytes, when they are known. */
  readonly checksums?: readonly Checksum[];
}

/** The copy of one multipart object: its part layout, and what each part is copied from. */
export interface MultipartCopy {
  readonly object: PlannedObject;
  readonly layout: PartLayout;
  readonly parts: readonly Part[];
  readonly findPartSource: (part: Part) => PartSource;
  /** ETag that the target will have, when it is known before the parts are copied. */
  readonly etag?: string;
}

/** Whether a copied part holds the bytes of its part source, as far as S3 returned something to compare. */
export function holdsSource(partSource: PartSource, copied: CopiedPart, isKms: boolean): boolean {
  if (partSource.md5 !== undefined && !isKms) return copied.etag === partSource.md5;
  if (partSource.uploadEtag !== undefined && !isKms) {
    return isSameAsOnePart(copied.etag, partSource.uploadEtag, hashes);
  }
  const known = wholeChecksum(partSource.checksums ?? []);
  const isComparable = known !== undefined && known.algorithm === copied.checksum?.algorithm;
  return !isComparable || known.value === copied.checksum?.value;
}

/** Whether a part of an upload need not be copied again. */
export const isPartCopied = (
  multipart: MultipartCopy,
  part: Part,
  found: UploadedPart | undefined,
  isKms: boolean,
): boolean =>
  found !== undefined &&
  found.size === partBytes(part) &&
  holdsSource(multipart.findPartSource(part), found, isKms);
