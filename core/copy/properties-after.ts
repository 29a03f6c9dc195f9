import type { Tag } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { adviceFor } from '../access/advice.ts';
import type { PlannedObject } from '../model/batches.ts';
import type { ObjectErrorName } from '../model/errors.ts';
import { type GrantFields, grantFields, hasWrite } from '../model/grants.ts';
import { ObjectResult } from '../model/results.ts';
import { runPaths } from '../model/run-paths.ts';
import { makeArn, readProperty, writeTarget } from '../multipart/permission-errors.ts';
import { keeps, readGrants, readLongTags } from '../multipart/properties.ts';
import { hashes } from '../rules/hashes.ts';
import {
  type CopyContext,
  type Outcome,
  type OutcomeOrLater,
  sourceAddress,
  targetAddress,
} from '../run/copy-context.ts';
import { SourceChangedError } from '../run/object-errors.ts';
import { hasStatus, S3Error, withMessage } from '../s3/failures.ts';
import type { ListedAnnotation, VersionAddress } from '../s3/property-store.ts';
import { isHead, lookAtSource } from './resolve-conflict.ts';

/** How an object's bytes came to its target: by a CopyObject, or by an upload, which carries less. */
export type CopyMethod = 'copy' | 'upload';

/** What was published before all its properties were. */
const Published = z.strictObject({
  v: z.literal(1),
  target: z.string(),
  /** ETag of the source. */
  source: z.string(),
  etag: z.string(),
  versionId: z.string().optional(),
  ...ObjectResult.pick({ proof: true, checksum: true, sourceEtag: true }).shape,
});

const pathOf = ({ target }: PlannedObject): string => runPaths.properties(hashes.sha256(target));

/** Whether something may have to be written after an object of this run is published. */
const mayBeLeft = (context: CopyContext, way: CopyMethod): boolean => {
  const { aclGrant } = context.run.copyRequest;
  const mayHaveWrite = keeps(context, 'acl') || aclGrant.some((grant) => grant.startsWith('WRITE:'));
  return mayHaveWrite || (way === 'upload' && (keeps(context, 'tags') || keeps(context, 'annotations')));
};

/**
 * Writes what the request that published the object could not carry, to the version that it published. However the
 * bytes were found to be there, all that ends as `copied` passes here.
 *
 * @returns the outcome; `failed` with `PropertiesIncomplete` when it could not be written: then the next attempt
 * repeats only that
 * @throws {SourceChangedError} when the properties that are left are not those of the version that was copied
 */
export async function withProperties(
  context: CopyContext,
  object: PlannedObject,
  way: CopyMethod,
  outcome: OutcomeOrLater,
): Promise<OutcomeOrLater> {
  if (outcome === 'later' || outcome.status !== 'copied' || !mayBeLeft(context, way)) return outcome;
  try {
    return await writeLeft(context, object, way, outcome);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const source = hasStatus(error, 404) ? await lookAtSource(context, object) : undefined;
    if (source !== undefined && !isHead(source)) return source;
    await remember(context, object, outcome);
    return incomplete(object, outcome, error);
  }
}

/**
 * Finds a target that an earlier attempt of this run published without all its properties; `withProperties` writes them.
 *
 * @returns undefined when there is no such target, or the destination no longer has it
 */
export async function findUnfinished(
  context: CopyContext,
  object: PlannedObject,
  way: CopyMethod,
): Promise<Outcome | undefined> {
  if (!mayBeLeft(context, way)) return undefined;
  const published = await context.run.files.find(pathOf(object), Published);
  if (published?.target !== object.target || published.source !== object.etag) return undefined;
  const { store } = context.destination;
  const head = await context.limiter.send(() => store.head(targetAddress(context, object)));
  const { etag, versionId, proof, checksum, sourceEtag } = published;
  if (head?.etag !== etag || head.versionId !== versionId) return undefined;
  return { status: 'copied', proof, checksum, sourceEtag, etag, ...version(versionId) };
}

const version = (versionId: string | undefined) => (versionId === undefined ? {} : { versionId });

const incomplete = ({ target }: PlannedObject, { etag, versionId }: Outcome, error: S3Error): Outcome => ({
  status: 'failed',
  ...(etag === undefined ? {} : { etag }),
  ...version(versionId),
  error: 'PropertiesIncomplete' satisfies ObjectErrorName,
  message:
    `${target} has its bytes, but not all its properties: ${error.message}${adviceFor(error)}; a redrive writes only those, ` +
    'a new run takes the object for unchanged',
  passing: error.passing,
});

async function remember({ run }: CopyContext, object: PlannedObject, ended: Outcome): Promise<void> {
  const { etag = '', versionId, proof, checksum, sourceEtag } = ended;
  const published: z.infer<typeof Published> = {
    v: 1,
    target: object.target,
    source: object.etag,
    etag,
    ...version(versionId),
    proof,
    checksum,
    sourceEtag,
  };
  await run.files.write(pathOf(object), published);
}

/** What is left to write. */
interface Left {
  readonly tags: readonly Tag[];
  readonly grants: GrantFields | undefined;
  readonly annotations: readonly ListedAnnotation[];
}

async function readLeft(context: CopyContext, object: PlannedObject, way: CopyMethod): Promise<Left> {
  const grants = await readGrants(context, object);
  const source = sourceAddress(context, object);
  const { properties } = context.run.source.store;
  const hasAnnotations = way === 'upload' && keeps(context, 'annotations');
  return {
    tags: way === 'upload' ? await readLongTags(context, object) : [],
    grants: hasWrite(grants) ? grantFields(grants) : undefined,
    annotations: hasAnnotations
      ? await readProperty(context, 's3:ListObjectAnnotations', source, 'annotations', () =>
          properties.annotations(source),
        )
      : [],
  };
}

async function writeLeft(
  context: CopyContext,
  object: PlannedObject,
  way: CopyMethod,
  outcome: Outcome,
): Promise<OutcomeOrLater> {
  const left = await readLeft(context, object, way);
  if (left.tags.length + left.annotations.length === 0 && left.grants === undefined) return outcome;
  await refuseOtherSource(context, object);
  const target: VersionAddress = { ...targetAddress(context, object), versionId: outcome.versionId };
  const { properties } = context.destination.store;
  const { tags, grants } = left;
  if (tags.length > 0)
    await put(context, 's3:PutObjectTagging', target, () => properties.putTags(target, tags));
  if (grants !== undefined) {
    const send = () => put(context, 's3:PutObjectAcl', target, () => properties.putAcl(target, grants));
    await writeTarget(context, object, {}, send);
  }
  for (const annotation of left.annotations) {
    if (context.deadline.hasPassed()) {
      await remember(context, object, outcome);
      return 'later';
    }
    await copyAnnotation(context, object, { annotation, target, etag: outcome.etag ?? '' });
  }
  return outcome;
}

/** What was read last must still belong to the version that was copied. */
async function refuseOtherSource(context: CopyContext, object: PlannedObject): Promise<void> {
  const source = await lookAtSource(context, object);
  if (isHead(source) && source.etag !== object.etag) {
    throw new SourceChangedError(`${object.key} changed in the source before its properties were written`);
  }
}

async function copyAnnotation(
  context: CopyContext,
  object: PlannedObject,
  to: { readonly annotation: ListedAnnotation; readonly target: VersionAddress; readonly etag: string },
): Promise<void> {
  const { annotation, target, etag } = to;
  const source = sourceAddress(context, object);
  const payload = await readProperty(context, 's3:GetObjectAnnotation', source, 'annotations', () =>
    context.run.source.store.properties.annotation(source, annotation.name),
  );
  const { properties } = context.destination.store;
  await put(context, 's3:PutObjectAnnotation', target, () =>
    properties.putAnnotation(target, etag, annotation.name, payload),
  );
}

/** Writes to a version, which is a right of its own. */
async function put(
  context: CopyContext,
  action: string,
  target: VersionAddress,
  send: () => Promise<void>,
): Promise<void> {
  try {
    await context.limiter.send(send);
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    const isVersion = target.versionId !== undefined && action !== 's3:PutObjectAnnotation';
    const right = isVersion ? action.replace('PutObject', 'PutObjectVersion') : action;
    throw withMessage(error as S3Error, `${right} on ${makeArn(context, target)} is denied: allow it`);
  }
}
