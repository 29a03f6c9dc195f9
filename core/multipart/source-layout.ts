import * as z from 'zod';
import type { PlannedObject } from '../model/batches.ts';
import { type FolderContent, layoutText, type PartLayout, type PartSizes } from '../model/part-files.ts';
import { runPaths } from '../model/run-paths.ts';
import { wholeChecksum } from '../rules/checksums.ts';
import { forEachConcurrently } from '../rules/for-each-concurrently.ts';
import { hashes } from '../rules/hashes.ts';
import { compactSizes, objectKind, planParts } from '../rules/part-layout.ts';
import { type CopyContext, sourceAddress } from '../run/copy-context.ts';
import { SourceChangedError } from '../run/object-errors.ts';
import type { ObjectHead } from '../s3/object-store.ts';
import { makeEvenLayout } from './staging-area.ts';

/** The sizes of a source's parts, when they had to be read one by one. */
const SourceParts = z.strictObject({ v: z.literal(1), bytes: z.array(z.int()) });

/**
 * Cuts an object as the request wants it. A source whose parts cannot be found out, or could not be uploaded again,
 * is cut into parts of one size.
 *
 * @param head of the source, which tells whether it has a checksum of the whole; needed by `direct` alone
 */
export async function choosePartLayout(
  context: CopyContext,
  object: PlannedObject,
  head: ObjectHead | undefined,
): Promise<PartLayout> {
  if (context.known?.object === object) return context.known.cut;
  const { parts } = context.run;
  const isUnproven = parts.likeSource === 'unproven' && head !== undefined;
  const wantsSource =
    parts.likeSource === 'always' || (isUnproven && wholeChecksum(head.checksums) === undefined);
  const even = makeEvenLayout(versionOf(context, object), parts.bytes);
  const partSize = wantsSource ? await sourceSizes(context, object) : undefined;
  return partSize === undefined
    ? { layout: even, isLikeSource: false }
    : { layout: { ...even, partSize }, isLikeSource: true };
}

/**
 * The context to copy an object in. Parts like the source's may turn out to be a single one: S3 takes no part again
 * that is empty, or too small. Such an object is copied by one request, as if parts like the source's were not wanted.
 */
export async function chooseContext(context: CopyContext, object: PlannedObject): Promise<CopyContext> {
  const { run } = context;
  const { bytes, likeSource } = run.parts;
  const mayBeOne =
    likeSource === 'always' && object.size <= bytes && objectKind(object, run.parts) === 'multipart';
  if (!mayBeOne) return context;
  try {
    const made = await choosePartLayout(context, object, undefined);
    if (planParts(object.size, made.layout.partSize).length > 1)
      return { ...context, known: { object, cut: made } };
    return { ...context, run: { ...run, parts: { bytes, likeSource: 'never' } } };
  } catch (error) {
    // The copy meets the change too, and answers it.
    if (error instanceof SourceChangedError) return context;
    throw error;
  }
}

/**
 * Looks at every part of the source, after the cheap look has led to another ETag than the source's.
 *
 * @returns whether the layout is another one now
 */
export async function findOtherLayout(
  context: CopyContext,
  object: PlannedObject,
  { layout }: PartLayout,
): Promise<boolean> {
  const bytes = await lookAtAll(context, object);
  const partSize = bytes === undefined ? undefined : compactSizes(bytes);
  if (bytes === undefined || partSize === undefined) return false;
  await context.run.files.write(pathOf(object), { v: 1, bytes });
  return layoutText({ ...layout, partSize }) !== layoutText(layout);
}

const versionOf = ({ run }: CopyContext, { key, etag, size }: PlannedObject): FolderContent['source'] => ({
  bucket: run.source.bucket,
  key,
  etag,
  size,
});

const pathOf = ({ key, etag }: PlannedObject): string =>
  runPaths.sourceParts(hashes.sha256(`${key}\n${etag}`));

/** Reads the first and the last part. If all others are as large as the first, their sizes follow. */
async function sourceSizes(context: CopyContext, object: PlannedObject): Promise<PartSizes | undefined> {
  const known = await context.run.files.find(pathOf(object), SourceParts);
  if (known !== undefined) return compactSizes(known.bytes);
  const first = await lookAtPart(context, object, 1);
  if (first.parts === undefined) return undefined;
  const last = await lookAtPart(context, object, first.parts);
  const before = (first.parts - 1) * first.size;
  if (before + last.size === object.size) {
    return compactSizes([...Array<number>(first.parts - 1).fill(first.size), last.size]);
  }
  const bytes = await lookAtAll(context, object);
  if (bytes === undefined) return undefined;
  await context.run.files.write(pathOf(object), { v: 1, bytes });
  return compactSizes(bytes);
}

/** Bytes of every part; undefined when the server does not tell them. */
async function lookAtAll(context: CopyContext, object: PlannedObject): Promise<number[] | undefined> {
  const { parts = 0 } = await lookAtPart(context, object, 1);
  const bytes = Array<number>(parts).fill(0);
  await forEachConcurrently([...bytes.keys()], context.run.copyRequest.concurrency, async (index) => {
    bytes[index] = (await lookAtPart(context, object, index + 1)).size;
  });
  return bytes.reduce((sum, size) => sum + size, 0) === object.size ? bytes : undefined;
}

async function lookAtPart(
  context: CopyContext,
  object: PlannedObject,
  number: number,
): Promise<{ readonly size: number; readonly parts?: number }> {
  const { source } = context.run;
  const address = sourceAddress(context, object);
  const head = await context.limiter.send(() => source.store.headPart(address, number));
  if (head?.etag === object.etag) return head;
  // Some servers tell the ETag of the part instead, and nothing of how many there are.
  const whole = head === undefined ? undefined : await context.limiter.send(() => source.store.head(address));
  if (head !== undefined && whole?.etag === object.etag) return { size: head.size };
  throw new SourceChangedError(`${object.key} changed in the source while its parts were looked at`);
}
