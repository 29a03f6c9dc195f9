import {
  AbortMultipartUploadCommand,
  type ChecksumType,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type ListPartsCommandOutput,
  PutObjectCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { guessContentType } from '../model/content-types.ts';
import { quote, unquote } from '../model/etags.ts';
import type { Listed } from '../model/listed.ts';
import {
  type ChecksumAlgorithm,
  checksumAlgorithms,
  type WholeChecksum,
  wholeChecksum,
} from '../rules/checksums.ts';
import type { Checksum, Headed } from '../rules/compare.ts';
import { copySource, keyReader } from './encoding.ts';
import { callS3, hasCode, hasStatus, S3Error, toFailure } from './failures.ts';
import { at, PropertyStore, type VersionAddress } from './property-store.ts';

/** A bucket and a key. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
}

/** An object of a listing. */
export interface ListedObject extends Listed {
  readonly key: string;
}

/** One page of a listing. */
export interface Page {
  readonly objects: readonly ListedObject[];
  /** Fetches the next page; left out on the last one. */
  readonly next?: string;
}

/** An object as HEAD shows it. */
export interface ObjectHead extends Listed, Headed {
  readonly versionId?: string;
  /** The answer itself, for the headers that a multipart copy must pass on. */
  readonly headers: HeadObjectCommandOutput;
}

/** Conditions on a write at the destination; at most one of them. */
export interface WriteCondition {
  /** ETag that the destination must have, without quotes. */
  readonly ifMatch?: string;
  /** The destination must be absent. */
  readonly ifAbsent?: true;
}

/** What a write returned. */
export interface Written {
  readonly etag: string;
  readonly versionId?: string;
  /** Checksums of what was written, if the answer has them. */
  readonly checksums: readonly Checksum[];
  /** Encrypted with a KMS key, so the ETag is not an MD5. */
  readonly isKms: boolean;
}

/** An upload that was opened. */
export interface Opened {
  readonly uploadId: string;
  /** Encrypted with a KMS key, so the ETags of its parts are not MD5s. */
  readonly isKms: boolean;
}

/** A part as S3 returns it. The checksum is present only if the upload names its algorithm. */
export interface CopiedPart {
  readonly etag: string;
  readonly checksum?: WholeChecksum;
  /** All checksums of the whole part that S3 returns. */
  readonly checksums?: readonly Checksum[];
}

/** A part of an upload as S3 has it. */
export interface UploadedPart extends CopiedPart {
  readonly number: number;
  readonly size: number;
}

/** One part of an object as HEAD shows it. */
export interface PartHead {
  readonly etag: string;
  /** Bytes of the part. */
  readonly size: number;
  /** Number of parts of the object, if the server returns it. */
  readonly parts?: number;
}

/** The next page of versions starts after this one. */
export interface VersionMarker {
  readonly key: string;
  readonly versionId: string | undefined;
}

/** A page of versions. */
export interface VersionPage {
  readonly versions: readonly { readonly key: string; readonly versionId: string }[];
  readonly next?: VersionMarker;
}

/** A small object, read whole. */
export interface SmallObject {
  readonly etag: string;
  /** Milliseconds since 1970, by the clock of S3. */
  readonly lastModified: number;
  readonly text: string;
  /** User metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An upload that is neither published nor ended. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** Who opened it. */
  readonly initiator: string;
  /** When it was opened: milliseconds since 1970, by the clock of S3. */
  readonly initiated: number;
}

/** The next page of uploads starts after this one. */
interface UploadMarker {
  readonly key: string;
  readonly uploadId: string | undefined;
}

interface UploadPage {
  readonly uploads: readonly OpenUpload[];
  /** Left out on the last page. */
  readonly next?: UploadMarker;
}

/** A part to copy into an upload. */
export interface PartCopy {
  readonly source: VersionAddress;
  readonly sourceEtag: string;
  readonly target: Address;
  readonly uploadId: string;
  readonly number: number;
  /** First and last byte; left out: the whole source. */
  readonly range?: { readonly start: number; readonly end: number };
}

/** What an upload gives its object. */
export interface UploadProperties extends Partial<CreateMultipartUploadCommandInput> {
  /** The header as it is: the SDK's `Expires` takes dates only, and S3 keeps any text. */
  readonly ExpiresString?: string | undefined;
}

const conditions = ({ ifMatch, ifAbsent }: WriteCondition) => ({
  ...(ifMatch === undefined ? {} : { IfMatch: quote(ifMatch) }),
  ...(ifAbsent === true ? { IfNoneMatch: '*' } : {}),
});

/** The fields of an answer about encryption. */
interface Encrypted {
  readonly ServerSideEncryption?: string | undefined;
  readonly VersionId?: string | undefined;
}

const isKms = ({ ServerSideEncryption = '' }: Encrypted): boolean =>
  ServerSideEncryption.startsWith('aws:kms');

const written = (
  answer: Encrypted,
  object: (ChecksumFields & { readonly ETag?: string | undefined }) | undefined,
): Written => ({
  etag: unquote(object?.ETag ?? ''),
  ...(answer.VersionId === undefined ? {} : { versionId: answer.VersionId }),
  checksums: checksumsOf(object ?? {}),
  isKms: isKms(answer),
});

const copiedPart = (
  part: (ChecksumFields & { readonly ETag?: string | undefined }) | undefined,
): CopiedPart => {
  const checksums = checksumsOf({ ...part, ChecksumType: 'FULL_OBJECT' });
  const checksum = wholeChecksum(checksums);
  return { etag: unquote(part?.ETag ?? ''), checksums, ...(checksum === undefined ? {} : { checksum }) };
};

/**
 * Every request that s3copy makes of S3 goes through here. Nothing is repeated here: `retrying` does that, so that
 * the rate control sees each refusal. All methods throw `S3Error`.
 */
export class ObjectStore {
  /** Properties of objects besides their bytes and headers. */
  readonly properties: PropertyStore;
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
    this.properties = new PropertyStore(client);
  }

  /** The region of a bucket, or undefined if the server returns none. */
  async headBucket(bucket: string): Promise<string | undefined> {
    const answer = await callS3('HeadBucket', bucket, () =>
      this.#client.send(new HeadBucketCommand({ Bucket: bucket })),
    );
    return answer.BucketRegion;
  }

  /**
   * One page of the keys under a prefix, in byte order.
   *
   * @param from `next` of the page before, or the key after which to begin
   */
  async list(
    bucket: string,
    prefix: string,
    from: { readonly next?: string; readonly after?: string; readonly limit?: number } = {},
  ): Promise<Page> {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      EncodingType: 'url',
      OptionalObjectAttributes: ['RestoreStatus'],
      ...(from.next === undefined ? {} : { ContinuationToken: from.next }),
      ...(from.after === undefined || from.after === '' ? {} : { StartAfter: from.after }),
      ...(from.limit === undefined ? {} : { MaxKeys: from.limit }),
    });
    const answer = await callS3('ListObjectsV2', `${bucket}/${prefix}`, () => this.#client.send(command));
    const read = keyReader(answer.EncodingType);
    const objects = (answer.Contents ?? []).map((object) => ({
      key: read(object.Key ?? ''),
      etag: unquote(object.ETag ?? ''),
      size: object.Size ?? 0,
      lastModified: object.LastModified?.getTime() ?? 0,
      ...(object.ChecksumAlgorithm === undefined ? {} : { checksumAlgorithms: object.ChecksumAlgorithm }),
      ...(object.StorageClass === undefined ? {} : { storageClass: object.StorageClass }),
      ...archivedOf(object.StorageClass, object.RestoreStatus?.RestoreExpiryDate),
    }));
    const next = answer.IsTruncated === false ? undefined : answer.NextContinuationToken;
    if (answer.IsTruncated !== false && next === undefined) throw incomplete(`${bucket}/${prefix}`);
    return { objects, ...(next === undefined ? {} : { next }) };
  }

  /** One page of the folders right below a prefix; both end with a slash. */
  async listFolders(
    bucket: string,
    prefix: string,
    next?: string,
  ): Promise<{ readonly folders: readonly string[]; readonly next?: string }> {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      Delimiter: '/',
      EncodingType: 'url',
      ...(next === undefined ? {} : { ContinuationToken: next }),
    });
    const answer = await callS3('ListObjectsV2', `${bucket}/${prefix}`, () => this.#client.send(command));
    const read = keyReader(answer.EncodingType);
    const folders = (answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => read(Prefix));
    const token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    return { folders, ...(token === undefined ? {} : { next: token }) };
  }

  /** An object as HEAD with checksum mode shows it, or undefined for 404. */
  async head(object: VersionAddress): Promise<ObjectHead | undefined> {
    const { bucket, key } = object;
    const command = new HeadObjectCommand({ ...at(object), ChecksumMode: 'ENABLED' });
    try {
      return toHead(await callS3('HeadObject', `${bucket}/${key}`, () => this.#client.send(command)));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      if (hasStatus(error, 400) && (await this.#isNoVersion(object))) return undefined;
      throw error;
    }
  }

  /** S3 answers 400 when the version id is malformed, and for other reasons. The answer to HEAD has no body that says which. */
  async #isNoVersion(object: VersionAddress): Promise<boolean> {
    if (object.versionId === undefined) return false;
    const command = new GetObjectCommand({ ...at(object), Range: 'bytes=0-0' });
    try {
      await callS3('GetObject', `${object.bucket}/${object.key}`, async () => {
        await (await this.#client.send(command)).Body?.transformToByteArray();
      });
      return false;
    } catch (error) {
      return hasCode(error, 'InvalidArgument') && /version id/i.test((error as Error).message);
    }
  }

  /**
   * One part of an object as HEAD shows it, or undefined for 404. With a part number S3 returns no checksum.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (read 2026-11-22): `partNumber`
   */
  async headPart(object: VersionAddress, number: number): Promise<PartHead | undefined> {
    const { bucket, key } = object;
    const command = new HeadObjectCommand({ ...at(object), PartNumber: number });
    try {
      const answer = await callS3('HeadObject', `${bucket}/${key}`, () => this.#client.send(command));
      const { ETag = '', ContentLength = 0, PartsCount } = answer;
      return {
        etag: unquote(ETag),
        size: ContentLength,
        ...(PartsCount === undefined ? {} : { parts: PartsCount }),
      };
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Copies a whole object of at most 5 GiB. */
  async copy(
    source: VersionAddress,
    sourceEtag: string,
    target: Address,
    condition: WriteCondition,
    properties: Partial<CopyObjectCommandInput> = {},
  ): Promise<Written> {
    const command = new CopyObjectCommand({
      ...properties,
      Bucket: target.bucket,
      Key: target.key,
      CopySource: copySource(source),
      CopySourceIfMatch: quote(sourceEtag),
      ...conditions(condition),
    });
    const answer = await callS3('CopyObject', `${target.bucket}/${target.key}`, () =>
      this.#client.send(command),
    );
    return written(answer, answer.CopyObjectResult);
  }

  /** Opens a multipart upload. */
  async createUpload(
    { bucket, key }: Address,
    { ExpiresString, ...properties }: UploadProperties = {},
  ): Promise<Opened> {
    const command = new CreateMultipartUploadCommand({ ...properties, Bucket: bucket, Key: key });
    if (ExpiresString !== undefined) setHeader(command, 'expires', ExpiresString);
    const answer = await callS3('CreateMultipartUpload', `${bucket}/${key}`, () =>
      this.#client.send(command),
    );
    return { uploadId: answer.UploadId ?? '', isKms: isKms(answer) };
  }

  /** Copies a range into a part of an upload. */
  async copyPart(part: PartCopy): Promise<CopiedPart> {
    const { source, target, range } = part;
    const command = new UploadPartCopyCommand({
      Bucket: target.bucket,
      Key: target.key,
      UploadId: part.uploadId,
      PartNumber: part.number,
      CopySource: copySource(source),
      CopySourceIfMatch: quote(part.sourceEtag),
      ...(range === undefined ? {} : { CopySourceRange: `bytes=${range.start}-${range.end}` }),
    });
    const answer = await callS3('UploadPartCopy', `${target.bucket}/${target.key}`, () =>
      this.#client.send(command),
    );
    return copiedPart(answer.CopyPartResult);
  }

  /**
   * The parts of an upload.
   *
   * @param of numbers of the first and the last part to find; left out: all
   */
  async listParts(
    { bucket, key }: Address,
    uploadId: string,
    of: { readonly first: number; readonly last: number } = { first: 1, last: Number.POSITIVE_INFINITY },
  ): Promise<UploadedPart[]> {
    const parts: UploadedPart[] = [];
    let marker: string | undefined = of.first === 1 ? undefined : String(of.first - 1);
    do {
      const command: ListPartsCommand = new ListPartsCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        ...(marker === undefined ? {} : { PartNumberMarker: marker }),
      });
      const answer: ListPartsCommandOutput = await callS3('ListParts', `${bucket}/${key}`, () =>
        this.#client.send(command),
      );
      for (const part of answer.Parts ?? []) {
        parts.push({ number: part.PartNumber ?? 0, size: part.Size ?? 0, ...copiedPart(part) });
      }
      const isBehind = (parts.at(-1)?.number ?? 0) >= of.last;
      marker = answer.IsTruncated === true && !isBehind ? answer.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
    return parts.filter(({ number }) => number <= of.last);
  }

  /** All uploads that are open on the keys under a prefix. */
  async listUploads(bucket: string, prefix: string): Promise<OpenUpload[]> {
    const uploads: OpenUpload[] = [];
    for await (const page of this.#uploadPages(bucket, prefix)) uploads.push(...page.uploads);
    return uploads;
  }

  /** All uploads that are open on one key. */
  async listUploadsOf({ bucket, key }: Address): Promise<OpenUpload[]> {
    const uploads: OpenUpload[] = [];
    for await (const page of this.#uploadPages(bucket, key)) {
      uploads.push(...page.uploads.filter((upload) => upload.key === key));
      // Of all keys that begin with it, the key itself comes first.
      if (page.next?.key !== key) break;
    }
    return uploads;
  }

  async *#uploadPages(bucket: string, prefix: string): AsyncGenerator<UploadPage> {
    let from: UploadMarker | undefined;
    do {
      const page = await this.#uploadPage(bucket, prefix, from);
      yield page;
      from = page.next;
    } while (from !== undefined);
  }

  async #uploadPage(bucket: string, prefix: string, from: UploadMarker | undefined): Promise<UploadPage> {
    const command = new ListMultipartUploadsCommand({
      Bucket: bucket,
      Prefix: prefix,
      EncodingType: 'url',
      ...(from === undefined ? {} : { KeyMarker: from.key, UploadIdMarker: from.uploadId }),
    });
    const answer = await callS3('ListMultipartUploads', `${bucket}/${prefix}`, () =>
      this.#client.send(command),
    );
    const read = keyReader(answer.EncodingType);
    const uploads = (answer.Uploads ?? []).map(({ Key = '', UploadId = '', Initiator, Initiated }) => ({
      key: read(Key),
      uploadId: UploadId,
      initiator: Initiator?.ID ?? '',
      initiated: Initiated?.getTime() ?? 0,
    }));
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
    if (IsTruncated !== true || NextKeyMarker === undefined) return { uploads };
    return { uploads, next: { key: read(NextKeyMarker), uploadId: NextUploadIdMarker } };
  }

  /** Publishes an upload; S3 refuses it when size or checksum of the whole are not the expected ones. */
  async completeUpload(
    { bucket, key }: Address,
    upload: {
      readonly uploadId: string;
      /** In batch. A part whose checksum S3 has told is named with it, so that S3 holds the part to that too. */
      readonly parts: readonly CopiedPart[];
      /** Bytes. */
      readonly size: number;
      /** Of the whole object, by the algorithm that the upload was opened with. */
      readonly checksum?: WholeChecksum;
      readonly condition: WriteCondition;
    },
  ): Promise<Written> {
    const command = new CompleteMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      UploadId: upload.uploadId,
      MpuObjectSize: upload.size,
      MultipartUpload: {
        Parts: upload.parts.map(({ etag, checksum }, index) => ({
          PartNumber: index + 1,
          ETag: quote(etag),
          ...(checksum === undefined ? {} : { [checksumField(checksum.algorithm)]: checksum.value }),
        })),
      },
      ...(upload.checksum === undefined
        ? {}
        : {
            [checksumField(upload.checksum.algorithm)]: upload.checksum.value,
            ChecksumType: 'FULL_OBJECT',
          }),
      ...conditions(upload.condition),
    });
    const answer = await callS3('CompleteMultipartUpload', `${bucket}/${key}`, () =>
      this.#client.send(command),
    );
    return written(answer, answer);
  }

  /** Aborts an upload. An upload that is gone is not an error. */
  async abortUpload({ bucket, key }: Address, uploadId: string): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
    try {
      await callS3('AbortMultipartUpload', `${bucket}/${key}`, () => this.#client.send(command));
    } catch (error) {
      if (!hasStatus(error, 404)) throw error;
    }
  }

  /**
   * Writes a small object of our own, with the content type of its key's ending.
   *
   * @param properties user metadata and encryption
   */
  async put(
    { bucket, key }: Address,
    body: string | Uint8Array,
    condition: WriteCondition = {},
    properties: Pick<
      UploadProperties,
      'Metadata' | 'ServerSideEncryption' | 'SSEKMSKeyId' | 'BucketKeyEnabled'
    > = {},
  ): Promise<Written> {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const command = new PutObjectCommand({
      ...properties,
      Bucket: bucket,
      Key: key,
      ContentType: guessContentType(key),
      Body: bytes,
      ContentLength: bytes.length,
      ...conditions(condition),
    });
    const answer = await callS3('PutObject', `${bucket}/${key}`, () => this.#client.send(command));
    return written(answer, answer);
  }

  /** Reads a small object whole, or undefined for 404. */
  async get({ bucket, key }: Address): Promise<SmallObject | undefined> {
    try {
      return await callS3('GetObject', `${bucket}/${key}`, async () => {
        const answer = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const text = (await answer.Body?.transformToString()) ?? '';
        return {
          etag: unquote(answer.ETag ?? ''),
          lastModified: answer.LastModified?.getTime() ?? 0,
          text,
          metadata: answer.Metadata ?? {},
        };
      });
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Reads an object as a stream of bytes, or undefined for 404. */
  async stream({ bucket, key }: Address): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const answer = await callS3('GetObject', `${bucket}/${key}`, () =>
        this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
      );
      return readBody(`${bucket}/${key}`, answer.Body as AsyncIterable<Uint8Array>);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** One page of the versions and delete markers under a prefix; in a bucket without versioning each is `null`. */
  async listVersions(bucket: string, prefix: string, from?: VersionMarker): Promise<VersionPage> {
    const command = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: prefix,
      EncodingType: 'url',
      ...(from === undefined ? {} : { KeyMarker: from.key, VersionIdMarker: from.versionId }),
    });
    const answer = await callS3('ListObjectVersions', `${bucket}/${prefix}`, () =>
      this.#client.send(command),
    );
    const read = keyReader(answer.EncodingType);
    const versions = [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])].map(
      ({ Key = '', VersionId = 'null' }) => ({ key: read(Key), versionId: VersionId }),
    );
    const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = answer;
    if (IsTruncated !== true || NextKeyMarker === undefined) return { versions };
    return { versions, next: { key: read(NextKeyMarker), versionId: NextVersionIdMarker } };
  }

  /**
   * Deletes keys that still have an ETag, at most 1,000. Where there are versions, each gets a delete marker.
   *
   * @returns what S3 did not delete
   */
  async deleteMany(
    bucket: string,
    objects: readonly { readonly key: string; readonly etag: string }[],
  ): Promise<{ key: string; code: string; message: string }[]> {
    const command = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Quiet: true, Objects: objects.map(({ key, etag }) => ({ Key: key, ETag: quote(etag) })) },
    });
    const answer = await callS3('DeleteObjects', bucket, () => this.#client.send(command));
    return (answer.Errors ?? []).map(({ Key = '', Code = 'Unknown', Message = '' }) => ({
      key: Key,
      code: Code,
      message: Message,
    }));
  }

  /** Deletes one key that still has an ETag, and whose name may be anything. */
  async deleteObject({ bucket, key }: Address, etag: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, IfMatch: quote(etag) });
    await callS3('DeleteObject', `${bucket}/${key}`, () => this.#client.send(command));
  }

  /** Removes one version for good, whose name may be anything. */
  async deleteVersion({ bucket, key }: Address, versionId: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
    await callS3('DeleteObject', `${bucket}/${key}`, () => this.#client.send(command));
  }

  /** Removes versions for good, at most 1,000. @returns what S3 did not remove, as `code key` */
  async deleteVersions(
    bucket: string,
    versions: readonly { key: string; versionId: string }[],
  ): Promise<string[]> {
    const command = new DeleteObjectsCommand({
      Bucket: bucket,
      Delete: {
        Quiet: true,
        Objects: versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })),
      },
    });
    const answer = await callS3('DeleteObjects', bucket, () => this.#client.send(command));
    return (answer.Errors ?? []).map(({ Code, Key }) => `${Code} ${Key}`);
  }
}

/** Sets a header of a request as it is. */
const setHeader = (command: CreateMultipartUploadCommand, name: string, value: string): void =>
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers[name] = value;
      return next(args);
    },
    { step: 'build' },
  );

/** Objects of these classes are read only while they are restored; Intelligent-Tiering shows it only in HEAD. */
const archivedOf = (
  storageClass: string | undefined,
  restoredUntil: Date | undefined,
): { archived?: true } => {
  if (storageClass !== 'GLACIER' && storageClass !== 'DEEP_ARCHIVE') return {};
  return restoredUntil !== undefined && restoredUntil.getTime() > Date.now() ? {} : { archived: true };
};

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html (read 2026-11-22): x-amz-restore, x-amz-archive-status */
function archivedOfHead(answer: HeadObjectCommandOutput): { archived?: true } {
  if (answer.ArchiveStatus !== undefined) return { archived: true };
  const until = /expiry-date="([^"]+)"/.exec(answer.Restore ?? '')?.[1];
  return archivedOf(answer.StorageClass, until === undefined ? undefined : new Date(until));
}

/** A body whose connection may break while it is read. */
async function* readBody(what: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw toFailure('GetObject', what, error);
  }
}

/** An answer that has neither an end nor a way to continue must never be taken for the whole listing. */
const incomplete = (what: string): S3Error => {
  const cause = new Error('the listing is incomplete, and its answer does not say how to continue');
  return new S3Error(
    'ListObjectsV2',
    what,
    { code: 'IncompleteListing', status: 0, region: undefined },
    cause,
  );
};

/** The field of a request or an answer that has the checksum of an algorithm. */
type ChecksumField<Algorithm extends ChecksumAlgorithm> = `Checksum${Algorithm}`;

const checksumField = <Algorithm extends ChecksumAlgorithm>(algorithm: Algorithm): ChecksumField<Algorithm> =>
  `Checksum${algorithm}`;

type ChecksumFields = {
  readonly [Field in ChecksumField<ChecksumAlgorithm>]?: string | undefined;
} & { readonly ChecksumType?: ChecksumType | undefined };

/** The checksums of an answer. Without a type, that of one part's object is of the whole object. */
function checksumsOf(answer: ChecksumFields): Checksum[] {
  return checksumAlgorithms.flatMap((algorithm) => {
    const value = answer[checksumField(algorithm)];
    if (value === undefined) return [];
    const type = answer.ChecksumType ?? (value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT');
    return [{ algorithm, type, value }];
  });
}

const toHead = (answer: HeadObjectCommandOutput): ObjectHead => ({
  etag: unquote(answer.ETag ?? ''),
  size: answer.ContentLength ?? 0,
  lastModified: answer.LastModified?.getTime() ?? 0,
  checksums: checksumsOf(answer),
  sseS3: (answer.ServerSideEncryption ?? 'AES256') === 'AES256' && answer.SSECustomerAlgorithm === undefined,
  ...(answer.StorageClass === undefined ? {} : { storageClass: answer.StorageClass }),
  ...(answer.VersionId === undefined ? {} : { versionId: answer.VersionId }),
  ...archivedOfHead(answer),
  headers: answer,
});
