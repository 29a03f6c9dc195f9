import { principalAccount } from '../auth/credentials.ts';
import { readDocument } from '../body/document.ts';
import { emptyAnswer, isoDate, xmlAnswer } from '../http/answer.ts';
import { readHeader, readInteger } from '../http/s3-request.ts';
import { childText, parseXml } from '../http/xml-reader.ts';
import { element } from '../http/xml-writer.ts';
import type { Bucket, BucketSettings } from '../index/buckets.ts';
import { S3Error } from '../s3-error.ts';
import { objectOwnerships, ownerElement, requestedAcl } from './acl.ts';
import type { Call, Operation } from './call.ts';
import { findBucket } from './find-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (read 2026-11-22) */
function checkName(name: string): void {
  const valid =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!valid || name.startsWith('xn--'))
    throw new S3Error('InvalidBucketName', undefined, { details: { BucketName: name } });
}

async function requestedRegion(call: Call): Promise<string> {
  const body = (await readDocument(call.request)).toString();
  const root = body.trim() === '' ? undefined : parseXml(body);
  const other = root?.children.find(({ name }) => name !== 'LocationConstraint');
  if (other !== undefined)
    throw new S3Error('NotImplemented', `CreateBucket with ${other.name} is not implemented`);
  const constraint = root && childText(root, 'LocationConstraint');
  if (constraint === undefined) return call.region;
  if (constraint !== call.region || constraint === 'us-east-1') {
    throw new S3Error(
      'IllegalLocationConstraintException',
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
  return constraint;
}

/** Answers a request to create a bucket that exists. It succeeds only in us-east-1, and only for the owner. */
function existing(call: Call, bucket: Bucket): ReturnType<typeof emptyAnswer> {
  if (bucket.settings.owner !== principalAccount(call.principal))
    throw new S3Error('BucketAlreadyExists', undefined, { details: { BucketName: bucket.name } });
  if (call.region !== 'us-east-1')
    throw new S3Error('BucketAlreadyOwnedByYou', undefined, { details: { BucketName: bucket.name } });
  return emptyAnswer(200, { location: `/${bucket.name}` });
}

/**
 * Finds the object ownership of a new bucket. ACLs are disabled, unless the bucket is created with the canned ACL
 * `private`, as rclone does.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html (read 2026-11-22)
 * @see https://github.com/versity/versitygw/issues/1869 (read 2026-11-22) for what S3 does with `private`
 */
function newOwnership({ request }: Call): string {
  const acl = readHeader(request, 'x-amz-acl');
  const ownership = readHeader(request, 'x-amz-object-ownership');
  if (ownership !== undefined && !objectOwnerships.includes(ownership)) {
    throw new S3Error('InvalidArgument', `Invalid x-amz-object-ownership header: ${ownership}`);
  }
  if (ownership === undefined && acl === 'private') return 'BucketOwnerPreferred';
  if (acl !== undefined && (ownership ?? 'BucketOwnerEnforced') === 'BucketOwnerEnforced') {
    throw new S3Error('InvalidBucketAclWithObjectOwnership');
  }
  return ownership ?? 'BucketOwnerEnforced';
}

function newSettings(call: Call, region: string): BucketSettings {
  const locked = readHeader(call.request, 'x-amz-bucket-object-lock-enabled')?.toLowerCase() === 'true';
  const lock = locked ? { objectLock: {}, versioning: 'Enabled' as const } : {};
  const owner = principalAccount(call.principal);
  return { owner, region, ownership: newOwnership(call), encryption: { algorithm: 'AES256' }, ...lock };
}

const createBucket: Operation = {
  headers: ['x-amz-acl', 'x-amz-bucket-object-lock-enabled', 'x-amz-object-ownership'],
  handle: async (call) => {
    const name = call.request.bucket ?? '';
    checkName(name);
    const region = await requestedRegion(call);
    call.permit('s3:CreateBucket', name);
    const found = call.store.buckets.find(name);
    if (found !== undefined) return existing(call, found);
    const settings = newSettings(call, region);
    const acl = requestedAcl(call.request, { id: 0, name, created: 0, settings }, settings.owner);
    call.store.buckets.create(name, call.store.nowSeconds(), { ...settings, acl });
    return emptyAnswer(200, { location: `/${name}` });
  },
};

const headBucket: Operation = {
  handle: (call) => {
    const bucket = findBucket(call);
    call.permit('s3:ListBucket', bucket.name);
    return emptyAnswer(200, {
      'x-amz-bucket-region': bucket.settings.region,
      'x-amz-access-point-alias': 'false',
      'content-type': 'application/xml',
    });
  },
};

const deleteBucket: Operation = {
  handle: (call) => {
    const bucket = findBucket(call);
    call.permit('s3:DeleteBucket', bucket.name);
    if (!call.store.objects.isEmpty(bucket))
      throw new S3Error('BucketNotEmpty', undefined, { details: { BucketName: bucket.name } });
    call.store.uploads.removeAll(bucket);
    call.store.buckets.remove(bucket);
    return emptyAnswer(204);
  },
};

const listBuckets: Operation = {
  query: ['max-buckets', 'continuation-token', 'prefix', 'bucket-region'],
  handle: (call) => {
    const { query } = call.request;
    call.permit('s3:ListAllMyBuckets', '*');
    const [prefix, after] = [
      query.get('prefix') ?? '',
      Buffer.from(query.get('continuation-token') ?? '', 'base64url').toString(),
    ];
    const account = principalAccount(call.principal);
    const max = readInteger(call.request, 'max-buckets', { fallback: 10_000, min: 1, max: 10_000 });
    const region = query.get('bucket-region');
    const all = call.store.buckets.all().filter(({ name, settings }) => {
      return (
        settings.owner === account &&
        name.startsWith(prefix) &&
        name > after &&
        (region ?? settings.region) === settings.region
      );
    });
    const page = all.slice(0, max);
    const token = all.length > max ? Buffer.from(page.at(-1)?.name ?? '').toString('base64url') : undefined;
    return xmlAnswer('ListAllMyBucketsResult', [
      element(
        'Buckets',
        page.map((bucket) =>
          element('Bucket', [
            element('Name', bucket.name),
            element('CreationDate', isoDate(bucket.created)),
            element('BucketRegion', bucket.settings.region),
          ]),
        ),
      ),
      ownerElement(account),
      element('ContinuationToken', token),
      element('Prefix', query.get('prefix')),
    ]);
  },
};

const getBucketLocation: Operation = {
  query: ['location'],
  handle: (call) => {
    const bucket = findBucket(call);
    call.permit('s3:GetBucketLocation', bucket.name);
    return xmlAnswer(
      'LocationConstraint',
      bucket.settings.region === 'us-east-1' ? '' : bucket.settings.region,
    );
  },
};

/** The operations on buckets. */
export const bucketOperations = {
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListBuckets: listBuckets,
  GetBucketLocation: getBucketLocation,
} satisfies Record<string, Operation>;
