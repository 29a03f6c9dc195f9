import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytes, MiB, md5, multipartEtag } from './bodies.ts';
import { expectError, nextSecond } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const big = bytes(5 * MiB);
const small = bytes(1000, 7);

/** A multipart upload in progress. */
class Upload {
  readonly world: World;
  readonly key: string;
  readonly id: string;

  constructor(world: World, key: string, id: string) {
    this.world = world;
    this.key = key;
    this.id = id;
  }

  static async start(
    world: World,
    key: string,
    input: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<Upload> {
    const created = await world.s3.send(
      new CreateMultipartUploadCommand({ Bucket: world.bucket, Key: key, ...input }),
    );
    return new Upload(world, key, created.UploadId ?? '');
  }

  get address() {
    return { Bucket: this.world.bucket, Key: this.key, UploadId: this.id };
  }

  async part(number: number, body: Buffer): Promise<{ PartNumber: number; ETag: string }> {
    const { ETag } = await this.world.s3.send(
      new UploadPartCommand({ ...this.address, PartNumber: number, Body: body }),
    );
    return { PartNumber: number, ETag: ETag ?? '' };
  }

  complete(
    parts: { PartNumber: number; ETag: string }[],
    input: Partial<CompleteMultipartUploadCommandInput> = {},
  ) {
    const command = { ...this.address, MultipartUpload: { Parts: parts }, ...input };
    return this.world.s3.send(new CompleteMultipartUploadCommand(command));
  }

  abort() {
    return this.world.s3.send(new AbortMultipartUploadCommand(this.address));
  }
}

const head = ({ s3, bucket }: World, key: string) =>
  s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));

fact(
  'a multipart ETag is the MD5 of the MD5s of the parts, followed by their number',
  sources.multipart,
  async (world) => {
    const upload = await Upload.start(world, 'etag');
    const parts = [await upload.part(1, big), await upload.part(2, small)];
    expect(parts.map(({ ETag }) => ETag)).toEqual([`"${md5(big)}"`, `"${md5(small)}"`]);
    const completed = await upload.complete(parts);
    expect(completed).toMatchObject({ Bucket: world.bucket, Key: 'etag', ETag: multipartEtag([big, small]) });
    const read = await world.s3.send(new GetObjectCommand({ Bucket: world.bucket, Key: 'etag' }));
    expect(read.ETag).toBe(multipartEtag([big, small]));
    expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(
      md5(Buffer.concat([big, small])),
    );
  },
);

fact('a multipart object is not visible before Complete', sources.multipart, async (world) => {
  const upload = await Upload.start(world, 'invisible');
  await upload.part(1, small);
  await expectError(head(world, 'invisible'), 'NotFound', 404);
  await upload.abort();
});

fact(
  'a CopyObject of a multipart object makes a simple object whose ETag is the MD5 of its bytes',
  sources.copy,
  async (world) => {
    const upload = await Upload.start(world, 'to-flatten');
    await upload.complete([await upload.part(1, big), await upload.part(2, small)]);
    const copy = { Bucket: world.bucket, Key: 'flat', CopySource: `${world.bucket}/to-flatten` };
    const copied = await world.s3.send(new CopyObjectCommand(copy));
    expect(copied.CopyObjectResult?.ETag).toBe(`"${md5(Buffer.concat([big, small]))}"`);
    const one = await world.s3.send(
      new HeadObjectCommand({ Bucket: world.bucket, Key: 'flat', PartNumber: 1 }),
    );
    expect(one.PartsCount).toBeUndefined();
  },
);

fact('a multipart object of one part has a multipart ETag', sources.multipart, async (world) => {
  const upload = await Upload.start(world, 'single');
  const completed = await upload.complete([await upload.part(1, small)]);
  expect(completed.ETag).toBe(multipartEtag([small]));
});

fact(
  'parts can be sent in any order and with gaps between their numbers',
  sources.multipart,
  async (world) => {
    const upload = await Upload.start(world, 'gaps');
    const last = await upload.part(9999, small);
    const first = await upload.part(7, big);
    await upload.complete([first, last]);
    const read = await world.s3.send(new GetObjectCommand({ Bucket: world.bucket, Key: 'gaps' }));
    expect(md5(Buffer.from((await read.Body?.transformToByteArray()) ?? []))).toBe(
      md5(Buffer.concat([big, small])),
    );
  },
);

fact('a part that is sent again replaces the earlier part', sources.part, async (world) => {
  const upload = await Upload.start(world, 'again');
  const old = await upload.part(1, bytes(500, 3));
  const part = await upload.part(1, small);
  await expectError(upload.complete([old]), 'InvalidPart', 400);
  expect((await upload.complete([part])).ETag).toBe(multipartEtag([small]));
});

fact('the object does not contain parts that Complete does not list', sources.complete, async (world) => {
  const upload = await Upload.start(world, 'left-out');
  await upload.part(1, big);
  const second = await upload.part(2, small);
  await upload.complete([second]);
  expect((await head(world, 'left-out')).ContentLength).toBe(small.length);
});

fact(
  'a part of less than 5 MiB that is not the last is answered EntityTooSmall',
  sources.complete,
  async (world) => {
    const upload = await Upload.start(world, 'too-small');
    const parts = [await upload.part(1, bytes(5 * MiB - 1)), await upload.part(2, small)];
    await expectError(upload.complete(parts), 'EntityTooSmall', 400);
    await expectError(head(world, 'too-small'), 'NotFound', 404);
    await upload.abort();
  },
);

fact(
  'a Complete that lists parts out of order or twice is answered InvalidPartOrder',
  sources.complete,
  async (world) => {
    const upload = await Upload.start(world, 'order');
    const [one, two] = [await upload.part(1, big), await upload.part(2, big)];
    await expectError(upload.complete([two, one]), 'InvalidPartOrder', 400);
    await expectError(upload.complete([one, one]), 'InvalidPartOrder', 400);
    await upload.abort();
  },
);

fact(
  'a Complete that lists a missing part or a wrong ETag is answered InvalidPart',
  sources.complete,
  async (world) => {
    const upload = await Upload.start(world, 'invalid-part');
    const one = await upload.part(1, small);
    await expectError(upload.complete([{ PartNumber: 2, ETag: one.ETag }]), 'InvalidPart', 400);
    await expectError(upload.complete([{ PartNumber: 1, ETag: `"${md5('x')}"` }]), 'InvalidPart', 400);
    await upload.abort();
  },
);

fact('a Complete without parts is answered MalformedXML', sources.complete, async (world) => {
  const upload = await Upload.start(world, 'no-parts');
  await expectError(upload.complete([]), 'MalformedXML', 400);
  await upload.abort();
});

fact('a Complete with part number 0 is answered InvalidArgument', sources.complete, async (world) => {
  const upload = await Upload.start(world, 'number-zero');
  const { ETag } = await upload.part(1, small);
  await expectError(upload.complete([{ PartNumber: 0, ETag }]), 'InvalidArgument', 400);
  await upload.abort();
});

fact('Complete accepts ETags without quotes', sources.complete, async (world) => {
  const upload = await Upload.start(world, 'unquoted');
  await upload.part(1, small);
  await upload.complete([{ PartNumber: 1, ETag: md5(small) }]);
});

fact('a part number must be from 1 to 10,000', sources.quotas, async (world) => {
  const upload = await Upload.start(world, 'numbers');
  await expectError(upload.part(0, small), 'InvalidArgument', 400);
  await expectError(upload.part(10_001, small), 'InvalidArgument', 400);
  await upload.part(10_000, small);
  await upload.abort();
});

fact('a repeated Complete gets the same answer', sources.complete, async (world) => {
  const upload = await Upload.start(world, 'repeat');
  const parts = [await upload.part(1, small)];
  const first = await upload.complete(parts);
  const second = await upload.complete(parts);
  expect(second.ETag).toBe(first.ETag);
});

fact(
  'Abort answers 204, removes the parts, and makes the upload NoSuchUpload',
  sources.abort,
  async (world) => {
    const upload = await Upload.start(world, 'aborted');
    const part = await upload.part(1, small);
    expect((await upload.abort()).$metadata.httpStatusCode).toBe(204);
    await expectError(upload.complete([part]), 'NoSuchUpload', 404);
    await expectError(upload.part(2, small), 'NoSuchUpload', 404);
    await expectError(world.s3.send(new ListPartsCommand(upload.address)), 'NoSuchUpload', 404);
  },
);

fact('a repeated Abort gets the same answer', sources.abort, async (world) => {
  const upload = await Upload.start(world, 'aborted-twice');
  for (let tried = 0; tried < 2; tried += 1)
    expect((await upload.abort()).$metadata.httpStatusCode).toBe(204);
});

fact('an upload that never existed is answered NoSuchUpload', sources.abort, async (world) => {
  await expectError(new Upload(world, 'never', 'bm8tc3VjaC11cGxvYWQ').abort(), 'NoSuchUpload', 404);
});

fact('an upload id is not valid for another key', sources.multipart, async (world) => {
  const upload = await Upload.start(world, 'mine');
  await expectError(new Upload(world, 'not-mine', upload.id).part(1, small), 'NoSuchUpload', 404);
  await upload.abort();
});

fact(
  'a Complete with a wrong MpuObjectSize is answered InvalidRequest, and no object is published',
  sources.complete,
  async (world) => {
    const upload = await Upload.start(world, 'sized');
    const parts = [await upload.part(1, small)];
    await expectError(upload.complete(parts, { MpuObjectSize: small.length + 1 }), 'InvalidRequest', 400);
    await expectError(head(world, 'sized'), 'NotFound', 404);
    await upload.complete(parts, { MpuObjectSize: small.length });
  },
);

fact('Complete checks conditions on the destination', sources.conditionalWrites, async (world) => {
  const put = { Bucket: world.bucket, Key: 'guarded', Body: 'there' };
  const early = await Upload.start(world, 'guarded');
  const one = [await early.part(1, small)];
  await expectError(early.complete(one, { IfMatch: `"${md5('there')}"` }), 'NoSuchKey', 404);
  await world.s3.send(new PutObjectCommand(put));
  await expectError(early.complete(one, { IfNoneMatch: '*' }), 'PreconditionFailed', 412);
  const upload = await Upload.start(world, 'guarded');
  const parts = [await upload.part(1, small)];
  await expectError(upload.complete(parts, { IfMatch: `"${md5('other')}"` }), 'PreconditionFailed', 412);
  await upload.complete(parts, { IfMatch: `"${md5('there')}"` });
});

fact(
  'a Complete with If-Match always gets 409 when the object was written after Create',
  sources.recordedRequests,
  async (world) => {
    const put = { Bucket: world.bucket, Key: 'overtaken', Body: 'same' };
    const { ETag } = await world.s3.send(new PutObjectCommand(put));
    const upload = await Upload.start(world, 'overtaken');
    const parts = [await upload.part(1, small)];
    await nextSecond();
    await world.s3.send(new PutObjectCommand(put));
    for (let tried = 0; tried < 2; tried += 1)
      await expectError(upload.complete(parts, { IfMatch: ETag }), 'ConditionalRequestConflict', 409);
    const again = await Upload.start(world, 'overtaken');
    await again.complete([await again.part(1, small)], { IfMatch: ETag });
  },
);

fact(
  'a Complete with If-None-Match * always gets 409 when the key was deleted after Create',
  sources.recordedRequests,
  async (world) => {
    const key = { Bucket: world.bucket, Key: 'vacated' };
    await world.s3.send(new PutObjectCommand({ ...key, Body: 'there' }));
    const upload = await Upload.start(world, 'vacated');
    const parts = [await upload.part(1, small)];
    await world.s3.send(new DeleteObjectCommand(key));
    for (let tried = 0; tried < 2; tried += 1)
      await expectError(upload.complete(parts, { IfNoneMatch: '*' }), 'ConditionalRequestConflict', 409);
    await expectError(head(world, 'vacated'), 'NotFound', 404);
    const again = await Upload.start(world, 'vacated');
    await again.complete([await again.part(1, small)], { IfNoneMatch: '*' });
  },
);

fact(
  'a Complete with If-Match gets 404 when the key was deleted after Create, and 409 when it was written again',
  sources.recordedRequests,
  async (world) => {
    const key = { Bucket: world.bucket, Key: 'reborn' };
    const { ETag } = await world.s3.send(new PutObjectCommand({ ...key, Body: 'there' }));
    const upload = await Upload.start(world, 'reborn');
    const parts = [await upload.part(1, small)];
    await world.s3.send(new DeleteObjectCommand(key));
    await expectError(upload.complete(parts, { IfMatch: ETag }), 'NoSuchKey', 404);
    await nextSecond();
    await world.s3.send(new PutObjectCommand({ ...key, Body: 'there' }));
    await expectError(upload.complete(parts, { IfMatch: ETag }), 'ConditionalRequestConflict', 409);
  },
);

fact(
  'a Complete without a condition overwrites an object that was written after Create',
  sources.complete,
  async (world) => {
    const upload = await Upload.start(world, 'unguarded');
    const parts = [await upload.part(1, small)];
    await world.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key: 'unguarded', Body: 'there' }));
    expect((await upload.complete(parts)).ETag).toBe(multipartEtag([small]));
  },
);

fact('a multipart object has the headers and metadata of Create', sources.create, async (world) => {
  const properties = { ContentType: 'text/x', CacheControl: 'no-store', Metadata: { a: 'b' } };
  const upload = await Upload.start(world, 'properties', properties);
  await upload.complete([await upload.part(1, small)]);
  expect(await head(world, 'properties')).toMatchObject(properties);
});

fact('a multipart object has the storage class and the tags of Create', sources.create, async (world) => {
  const upload = await Upload.start(world, 'class', { StorageClass: 'STANDARD_IA', Tagging: 'k=v' });
  await upload.complete([await upload.part(1, small)]);
  expect((await head(world, 'class')).StorageClass).toBe('STANDARD_IA');
  const tags = await world.s3.send(new GetObjectTaggingCommand({ Bucket: world.bucket, Key: 'class' }));
  expect(tags.TagSet).toEqual([{ Key: 'k', Value: 'v' }]);
});

fact('the date of a multipart object is the date of Create', sources.multipart, async (world) => {
  const upload = await Upload.start(world, 'dated');
  await world.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key: 'dated-before', Body: 'x' }));
  await nextSecond();
  await upload.complete([await upload.part(1, small)]);
  await world.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key: 'dated-after', Body: 'x' }));
  const dated = (await head(world, 'dated')).LastModified?.getTime() ?? 0;
  expect(dated).toBeLessThan((await head(world, 'dated-after')).LastModified?.getTime() ?? 0);
  expect(dated).toBeLessThanOrEqual((await head(world, 'dated-before')).LastModified?.getTime() ?? 0);
});

fact('ListParts continues pages by part number', sources.listParts, async (world) => {
  const upload = await Upload.start(world, 'pages');
  for (const number of [3, 1, 20]) await upload.part(number, small);
  const first = await world.s3.send(new ListPartsCommand({ ...upload.address, MaxParts: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '3', MaxParts: 2 });
  expect(first.Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag])).toEqual([
    [1, 1000, `"${md5(small)}"`],
    [3, 1000, `"${md5(small)}"`],
  ]);
  const next = await world.s3.send(new ListPartsCommand({ ...upload.address, PartNumberMarker: '3' }));
  expect(next.IsTruncated).toBe(false);
  expect(next.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([20]);
  await upload.abort();
});

fact(
  'ListMultipartUploads lists open uploads in pages, by key and then by age',
  sources.listUploads,
  async (world) => {
    const { s3 } = world;
    const bucket = await world.newBucket();
    const inBucket = { ...world, bucket };
    const uploads = [];
    for (const key of ['b', 'a', 'a', 'dir/x']) uploads.push(await Upload.start(inBucket, key));
    const expected = [uploads[1], uploads[2], uploads[0], uploads[3]].map((upload) => [
      upload?.key,
      upload?.id,
    ]);
    const all = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(all.Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual(expected);
    const first = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, MaxUploads: 1 }));
    expect(first).toMatchObject({
      IsTruncated: true,
      NextKeyMarker: 'a',
      NextUploadIdMarker: uploads[1]?.id,
    });
    const markers = { KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker };
    const rest = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...markers }));
    expect(rest.Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual(expected.slice(1));
    const behind = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, KeyMarker: 'a' }));
    expect(behind.Uploads?.map(({ Key }) => Key)).toEqual(['b', 'dir/x']);
    const rolled = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Delimiter: '/' }));
    expect(rolled.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['dir/']);
    for (const upload of uploads) await upload.abort();
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads).toBeUndefined();
  },
);

fact(
  'the last page of ListMultipartUploads also contains the next markers',
  sources.recordedListings,
  async (world) => {
    const bucket = await world.newBucket();
    const upload = await Upload.start({ ...world, bucket }, 'only');
    const list = new ListMultipartUploadsCommand({ Bucket: bucket });
    expect(await world.s3.send(list)).toMatchObject({
      IsTruncated: false,
      NextKeyMarker: 'only',
      NextUploadIdMarker: upload.id,
    });
    await upload.abort();
  },
);

fact(
  'an upload id marker must belong to the key marker, and is ignored without one',
  sources.recordedListings,
  async (world) => {
    const { s3 } = world;
    const bucket = await world.newBucket();
    const [a, b] = [
      await Upload.start({ ...world, bucket }, 'a'),
      await Upload.start({ ...world, bucket }, 'b'),
    ];
    const list = { Bucket: bucket, UploadIdMarker: a.id };
    const withoutKey = await s3.send(new ListMultipartUploadsCommand(list));
    expect(withoutKey.Uploads?.map(({ Key }) => Key)).toEqual(['a', 'b']);
    expect(withoutKey.UploadIdMarker ?? '').toBe('');
    for (const wrong of [{ KeyMarker: 'b' }, { KeyMarker: 'a', UploadIdMarker: 'never' }])
      await expectError(
        s3.send(new ListMultipartUploadsCommand({ ...list, ...wrong })),
        'InvalidArgument',
        400,
      );
    for (const upload of [a, b]) await upload.abort();
  },
);

fact('a GET of an empty last part has an empty body', sources.get, async (world) => {
  const upload = await Upload.start(world, 'empty-last');
  await upload.complete([await upload.part(1, big), await upload.part(2, Buffer.alloc(0))]);
  const key = { Bucket: world.bucket, Key: 'empty-last', PartNumber: 2 };
  expect(await world.s3.send(new HeadObjectCommand(key))).toMatchObject({ ContentLength: 0, PartsCount: 2 });
  const read = await world.s3.send(new GetObjectCommand(key));
  expect(await read.Body?.transformToString()).toBe('');
});

fact('a part of a multipart object can be read by its number', sources.get, async (world) => {
  const upload = await Upload.start(world, 'by-part');
  await upload.complete([await upload.part(1, big), await upload.part(2, small)]);
  const key = { Bucket: world.bucket, Key: 'by-part' };
  const first = await world.s3.send(new HeadObjectCommand({ ...key, PartNumber: 1 }));
  expect(first).toMatchObject({ PartsCount: 2, ContentLength: 5 * MiB });
  const second = await world.s3.send(new GetObjectCommand({ ...key, PartNumber: 2 }));
  expect(second.ContentRange).toBe(`bytes ${5 * MiB}-${5 * MiB + 999}/${5 * MiB + 1000}`);
  expect(md5(Buffer.from((await second.Body?.transformToByteArray()) ?? []))).toBe(md5(small));
  await expectError(world.s3.send(new GetObjectCommand({ ...key, PartNumber: 3 })), 'InvalidPartNumber', 416);
});
