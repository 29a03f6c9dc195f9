import {
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectAclCommand,
  GetObjectAnnotationCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  GetObjectTaggingCommand,
  ListObjectAnnotationsCommand,
  type ListObjectAnnotationsCommandOutput,
  PutObjectAclCommand,
  PutObjectAnnotationCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
} from '@aws-sdk/client-s3';
import { quote, unquote } from '../model/etags.ts';
import type { Grant, GrantFields, GrantPermission } from '../model/grants.ts';
import { callS3, hasCode, hasStatus } from './failures.ts';

/** An object, or a certain version of it. */
export interface VersionAddress {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** An access control list. */
export interface Acl {
  /** Canonical user id. */
  readonly owner: string;
  readonly grants: readonly Grant[];
}

/** What Object Lock holds an object by. */
export interface Retention {
  readonly mode: 'GOVERNANCE' | 'COMPLIANCE';
  readonly until: Date;
}

/** An annotation as a listing shows it. */
export interface ListedAnnotation {
  readonly name: string;
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

/** The fields of a request that name an object. */
export const at = ({ bucket, key, versionId }: VersionAddress) => ({
  Bucket: bucket,
  Key: key,
  ...(versionId === undefined ? {} : { VersionId: versionId }),
});

const whatOf = ({ bucket, key }: VersionAddress): string => `${bucket}/${key}`;

/** What S3 keeps of an object besides its bytes and the headers that HEAD shows. All methods throw `S3Error`. */
export class PropertyStore {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  /** The tags of an object; none where the server knows no tags. */
  async tags(object: VersionAddress): Promise<readonly Tag[]> {
    const answer = await orNone(
      callS3('GetObjectTagging', whatOf(object), () =>
        this.#client.send(new GetObjectTaggingCommand(at(object))),
      ),
    );
    return answer?.TagSet ?? [];
  }

  /** Replaces all tags of an object. */
  async putTags(object: VersionAddress, tags: readonly Tag[]): Promise<void> {
    const command = new PutObjectTaggingCommand({ ...at(object), Tagging: { TagSet: [...tags] } });
    await callS3('PutObjectTagging', whatOf(object), () => this.#client.send(command));
  }

  /** Who may do what with an object. */
  async acl(object: VersionAddress): Promise<Acl> {
    const answer = await callS3('GetObjectAcl', whatOf(object), () =>
      this.#client.send(new GetObjectAclCommand(at(object))),
    );
    const grants = (answer.Grants ?? []).flatMap(({ Grantee, Permission }): Grant[] => {
      const grantee = Grantee?.URI ?? Grantee?.ID;
      const kind = Grantee?.URI === undefined ? 'id' : 'uri';
      return grantee === undefined ? [] : [{ permission: Permission as GrantPermission, kind, grantee }];
    });
    return { owner: answer.Owner?.ID ?? '', grants };
  }

  /** Replaces the access control list of an object. */
  async putAcl(object: VersionAddress, grants: GrantFields): Promise<void> {
    const command = new PutObjectAclCommand({ ...at(object), ...grants });
    await callS3('PutObjectAcl', whatOf(object), () => this.#client.send(command));
  }

  /** Canonical user id of the account that owns a bucket. */
  async bucketOwner(bucket: string): Promise<string> {
    const command = new GetBucketAclCommand({ Bucket: bucket });
    const answer = await callS3('GetBucketAcl', bucket, () => this.#client.send(command));
    return answer.Owner?.ID ?? '';
  }

  /** Whether a bucket has no access control lists, or undefined if that is unknown. */
  async isOwnershipEnforced(bucket: string): Promise<boolean | undefined> {
    const command = new GetBucketOwnershipControlsCommand({ Bucket: bucket });
    try {
      const answer = await callS3('GetBucketOwnershipControls', bucket, () => this.#client.send(command));
      const rules = answer.OwnershipControls?.Rules ?? [];
      return rules.some(({ ObjectOwnership }) => ObjectOwnership === 'BucketOwnerEnforced');
    } catch (error) {
      if (hasStatus(error, 400, 403, 404, 501)) return undefined;
      throw error;
    }
  }

  /** How long, and in which mode, a bucket retains every new object, as text. Undefined when it does not. */
  async defaultRetention(bucket: string): Promise<string | undefined> {
    const command = new GetObjectLockConfigurationCommand({ Bucket: bucket });
    const answer = await callS3('GetObjectLockConfiguration', bucket, () => this.#client.send(command));
    const { Mode, Days, Years } = answer.ObjectLockConfiguration?.Rule?.DefaultRetention ?? {};
    if (Mode === undefined) return undefined;
    return `${Days === undefined ? `${Years} years` : `${Days} days`} in ${Mode} mode`;
  }

  /** The retention of an object, if it has one. */
  async retention(object: VersionAddress): Promise<Retention | undefined> {
    const answer = await orNone(
      callS3('GetObjectRetention', whatOf(object), () =>
        this.#client.send(new GetObjectRetentionCommand(at(object))),
      ),
    );
    const { Mode, RetainUntilDate } = answer?.Retention ?? {};
    return Mode === undefined || RetainUntilDate === undefined
      ? undefined
      : { mode: Mode, until: RetainUntilDate };
  }

  /** Whether an object has a legal hold. */
  async isHeld(object: VersionAddress): Promise<boolean> {
    const answer = await orNone(
      callS3('GetObjectLegalHold', whatOf(object), () =>
        this.#client.send(new GetObjectLegalHoldCommand(at(object))),
      ),
    );
    return answer?.LegalHold?.Status === 'ON';
  }

  /** All annotations of an object, without what they say. */
  async annotations(object: VersionAddress): Promise<ListedAnnotation[]> {
    const annotations: ListedAnnotation[] = [];
    let next: string | undefined;
    do {
      const command: ListObjectAnnotationsCommand = new ListObjectAnnotationsCommand({
        ...at(object),
        ...(next === undefined ? {} : { ContinuationToken: next }),
      });
      const answer: ListObjectAnnotationsCommandOutput | undefined = await orNone(
        callS3('ListObjectAnnotations', whatOf(object), () => this.#client.send(command)),
      );
      for (const { AnnotationName = '', ETag = '', Size = 0 } of answer?.Annotations ?? []) {
        annotations.push({ name: AnnotationName, etag: unquote(ETag), size: Size });
      }
      next = answer?.NextContinuationToken;
    } while (next !== undefined);
    return annotations;
  }

  /** What an annotation says: 1 MiB at most. */
  async annotation(object: VersionAddress, name: string): Promise<Uint8Array> {
    const command = new GetObjectAnnotationCommand({ ...at(object), AnnotationName: name });
    return callS3('GetObjectAnnotation', whatOf(object), async () => {
      const { AnnotationPayload } = await this.#client.send(command);
      return (await AnnotationPayload?.transformToByteArray()) ?? new Uint8Array();
    });
  }

  /** Writes an annotation of an object that still has this ETag. */
  async putAnnotation(
    object: VersionAddress,
    etag: string,
    name: string,
    payload: Uint8Array,
  ): Promise<void> {
    const command = new PutObjectAnnotationCommand({
      ...at(object),
      AnnotationName: name,
      AnnotationPayload: payload,
      ObjectIfMatch: quote(etag),
    });
    await callS3('PutObjectAnnotation', whatOf(object), () => this.#client.send(command));
  }
}

/** S3's ways to say that an object, a bucket or the whole server has nothing of this kind. */
async function orNone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const isNone = hasCode(error, 'NoSuchObjectLockConfiguration', 'ObjectLockConfigurationNotFoundError');
    const hasNoLock = hasCode(error, 'InvalidRequest') && /Object Lock/i.test((error as Error).message);
    if (isNone || hasNoLock || hasCode(error, 'NotImplemented')) return undefined;
    throw error;
  }
}
