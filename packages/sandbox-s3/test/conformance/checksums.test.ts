import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  ChecksumAlgorithm,
  ChecksumMode,
  ChecksumType,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  ObjectAttributes,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { bytes, MiB, md5, sha256 } from './bodies.ts';
import { errorCode, expectError } from './expectations.ts';
import { fact, startJudge, type World } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const { ENABLED } = ChecksumMode;
const big = bytes(5 * MiB);
const small = bytes(1000, 7);
const whole = Buffer.concat([big, small]);

/** CRC-64/NVME of the bytes `123456789`, from the catalog of CRCs. */
const crc64OfDigits = Buffer.from('ae8b14860a799888', 'hex').toString('base64');
const crc32cOfDigits = Buffer.from('e3069283', 'hex').toString('base64');

function crc32Base64(data: Buffer): string {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(data));
  return out.toString('base64');
}

const hashBase64 = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text).digest('base64');

const headChecksum = ({ s3, bucket }: World, key: string) =>
  s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: ENABLED }));

interface UploadChecksum {
  readonly ChecksumAlgorithm?: ChecksumAlgorithm;
  readonly ChecksumType?: ChecksumType;
}

/** Creates an upload and sends the two parts of `whole`. */
async function uploadParts({ s3, bucket }: World, key: string, checksum: UploadChecksum) {
  const address = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...address, ...checksum }));
  const parts: CompletedPart[] = [];
  for (const [index, Body] of [big, small].entries()) {
    const sent = await s3.send(
      new UploadPartCommand({
        ...address,
        UploadId,
        PartNumber: index + 1,
        Body,
        ChecksumAlgorithm: checksum.ChecksumAlgorithm,
      }),
    );
    parts.push({ PartNumber: index + 1, ...sent });
  }
  return { ...address, UploadId, parts };
}

const withoutChecksums = (parts: CompletedPart[]): CompletedPart[] =>
  parts.map(({ PartNumber, ETag }) => ({ PartNumber, ETag }));

fact(
  'an object that is sent without a checksum gets the CRC64NVME of all its bytes',
  sources.checksums,
  async (world) => {
    await world.raw({ method: 'PUT', path: `/${world.bucket}/default`, body: '123456789' });
    const head = await headChecksum(world, 'default');
    expect(head).toMatchObject({ ChecksumCRC64NVME: crc64OfDigits, ChecksumType: 'FULL_OBJECT' });
  },
);

fact(
  'a checksum is shown only when the client asks for it',
  sources.checksums,
  async ({ s3, bucket, raw }) => {
    await raw({ method: 'PUT', path: `/${bucket}/silent`, body: '123456789' });
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'silent' }));
    expect(head.ChecksumCRC64NVME).toBeUndefined();
  },
);

fact('each checksum algorithm is stored and shown', sources.checksums, async (world) => {
  const expected = {
    CRC32: crc32Base64(Buffer.from('123456789')),
    CRC32C: crc32cOfDigits,
    SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
    SHA256: sha256('123456789'),
  };
  for (const [name, value] of Object.entries(expected)) {
    const put = { Bucket: world.bucket, Key: name, Body: '123456789', [`Checksum${name}`]: value };
    await world.s3.send(new PutObjectCommand(put));
    expect(await headChecksum(world, name)).toMatchObject({
      [`Checksum${name}`]: value,
      ChecksumType: 'FULL_OBJECT',
    });
  }
});

/** Checksums of the bytes `123456789`. The values of xxHash are from its original library. */
const valuesOf2026 = {
  MD5: hashBase64('md5', '123456789'),
  SHA512: hashBase64('sha512', '123456789'),
  XXHASH64: Buffer.from('8cb841db40e6ae83', 'hex').toString('base64'),
  XXHASH3: Buffer.from('72dcb18b67a17dff', 'hex').toString('base64'),
  XXHASH128: Buffer.from('33119477ede5dcd5e9716427681d5860', 'hex').toString('base64'),
};

fact(
  'each checksum algorithm added in 2026 is stored and shown, also by copies and parts',
  sources.checksums,
  async (world) => {
    const { s3, bucket } = world;
    for (const [name, value] of Object.entries(valuesOf2026)) {
      const shown = { [`Checksum${name}`]: value };
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: name, Body: '123456789', ...shown }));
      expect(await headChecksum(world, name)).toMatchObject({ ...shown, ChecksumType: 'FULL_OBJECT' });
      const copy = { Bucket: bucket, Key: `${name}-copy`, CopySource: `${bucket}/${name}` };
      expect((await s3.send(new CopyObjectCommand(copy))).CopyObjectResult).toMatchObject(shown);
      const address = { Bucket: bucket, Key: `${name}-parts` };
      const ChecksumAlgorithm = name as ChecksumAlgorithm;
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...address, ChecksumAlgorithm, ChecksumType: 'COMPOSITE' }),
      );
      const part = { ...address, UploadId, PartNumber: 1, CopySource: `${bucket}/${name}` };
      expect((await s3.send(new UploadPartCopyCommand(part))).CopyPartResult).toMatchObject(shown);
    }
  },
);

fact(
  'a multipart upload with an algorithm added in 2026 cannot be FULL_OBJECT',
  sources.checksums,
  async (world) => {
    for (const name of Object.keys(valuesOf2026)) {
      const create = new CreateMultipartUploadCommand({
        Bucket: world.bucket,
        Key: 'refused',
        ChecksumAlgorithm: name as ChecksumAlgorithm,
        ChecksumType: 'FULL_OBJECT',
      });
      await expectError(world.s3.send(create), 'InvalidRequest', 400);
    }
  },
);

fact(
  'a wrong checksum is answered BadDigest, and no object is written',
  sources.checksums,
  async ({ s3, bucket }) => {
    const put = { Bucket: bucket, Key: 'wrong', Body: 'x', ChecksumSHA256: sha256('y') };
    await expectError(s3.send(new PutObjectCommand(put)), 'BadDigest', 400);
    await expectError(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'wrong' })), 'NotFound', 404);
  },
);

fact(
  'a checksum with the wrong length is answered InvalidRequest',
  sources.checksums,
  async ({ bucket, raw }) => {
    const headers = { 'x-amz-checksum-sha256': 'AAAA' };
    const answer = await raw({ method: 'PUT', path: `/${bucket}/malformed`, headers, body: 'x' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<Code>InvalidRequest</Code>');
  },
);

fact(
  'a copy has the checksum algorithm of its source, unless the request names another',
  sources.checksums,
  async (world) => {
    const { s3, bucket } = world;
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'sha',
        Body: '123456789',
        ChecksumSHA256: sha256('123456789'),
      }),
    );
    const copy = { Bucket: bucket, Key: 'sha-copy', CopySource: `${bucket}/sha` };
    const same = await s3.send(new CopyObjectCommand(copy));
    expect(same.CopyObjectResult?.ChecksumSHA256).toBe(sha256('123456789'));
    const other = await s3.send(new CopyObjectCommand({ ...copy, ChecksumAlgorithm: 'CRC32C' }));
    expect(other.CopyObjectResult?.ChecksumCRC32C).toBe(crc32cOfDigits);
  },
);

fact(
  'a multipart object without a named algorithm has the CRC64NVME of all its bytes',
  sources.checksums,
  async (world) => {
    const { parts, ...address } = await uploadParts(world, 'default-multipart', {});
    const complete = { ...address, MultipartUpload: { Parts: withoutChecksums(parts) } };
    const completed = await world.s3.send(new CompleteMultipartUploadCommand(complete));
    expect(completed.ChecksumType).toBe('FULL_OBJECT');
    await world.s3.send(
      new PutObjectCommand({
        Bucket: world.bucket,
        Key: 'simple',
        Body: whole,
        ChecksumAlgorithm: 'CRC64NVME',
      }),
    );
    expect(completed.ChecksumCRC64NVME).toBe((await headChecksum(world, 'simple')).ChecksumCRC64NVME);
  },
);

fact(
  'a FULL_OBJECT checksum is computed for all bytes of the object from the checksums of its parts',
  sources.checksums,
  async (world) => {
    for (const algorithm of [ChecksumAlgorithm.CRC32, ChecksumAlgorithm.CRC32C]) {
      const checksum = { ChecksumAlgorithm: algorithm, ChecksumType: ChecksumType.FULL_OBJECT };
      const { parts, ...address } = await uploadParts(world, `full-${algorithm}`, checksum);
      await world.s3.send(
        new CompleteMultipartUploadCommand({ ...address, MultipartUpload: { Parts: parts } }),
      );
      const head = await headChecksum(world, address.Key);
      expect(head.ChecksumType).toBe('FULL_OBJECT');
      if (algorithm === ChecksumAlgorithm.CRC32) expect(head.ChecksumCRC32).toBe(crc32Base64(whole));
    }
  },
);

fact(
  'a COMPOSITE checksum is the checksum of the checksums of the parts, followed by their number',
  sources.checksums,
  async (world) => {
    const { parts, ...address } = await uploadParts(world, 'composite', { ChecksumAlgorithm: 'SHA256' });
    await world.s3.send(
      new CompleteMultipartUploadCommand({ ...address, MultipartUpload: { Parts: parts } }),
    );
    const digests = [big, small].map((part) => Buffer.from(sha256(part), 'base64'));
    const head = await headChecksum(world, 'composite');
    expect(head).toMatchObject({
      ChecksumType: 'COMPOSITE',
      ChecksumSHA256: `${sha256(Buffer.concat(digests))}-2`,
    });
  },
);

fact(
  'a CopyObject of an object with a COMPOSITE checksum has the checksum of all bytes',
  sources.checksums,
  async (world) => {
    const { parts, ...address } = await uploadParts(world, 'composite-source', {
      ChecksumAlgorithm: 'SHA256',
    });
    await world.s3.send(
      new CompleteMultipartUploadCommand({ ...address, MultipartUpload: { Parts: parts } }),
    );
    const copy = {
      Bucket: world.bucket,
      Key: 'composite-copy',
      CopySource: `${world.bucket}/composite-source`,
    };
    const copied = await world.s3.send(new CopyObjectCommand(copy));
    expect(copied.CopyObjectResult).toMatchObject({
      ChecksumSHA256: sha256(whole),
      ChecksumType: 'FULL_OBJECT',
    });
  },
);

fact(
  'Complete must list the checksum of every part of a COMPOSITE upload',
  sources.checksums,
  async (world) => {
    const { parts, ...address } = await uploadParts(world, 'composite-bare', { ChecksumAlgorithm: 'SHA256' });
    const bare = { ...address, MultipartUpload: { Parts: withoutChecksums(parts) } };
    await expectError(world.s3.send(new CompleteMultipartUploadCommand(bare)), 'InvalidRequest', 400);
    const wrong = parts.map((part) => ({ ...part, ChecksumSHA256: sha256('wrong') }));
    const complete = { ...address, MultipartUpload: { Parts: wrong } };
    await expectError(world.s3.send(new CompleteMultipartUploadCommand(complete)), 'InvalidPart', 400);
  },
);

fact(
  'an upload with CRC64NVME cannot be COMPOSITE, and an upload with SHA256 cannot be FULL_OBJECT',
  sources.checksums,
  async ({ s3, bucket }) => {
    const refused = [
      { ChecksumAlgorithm: ChecksumAlgorithm.CRC64NVME, ChecksumType: ChecksumType.COMPOSITE },
      { ChecksumAlgorithm: ChecksumAlgorithm.SHA256, ChecksumType: ChecksumType.FULL_OBJECT },
    ];
    for (const checksum of refused) {
      const create = new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'refused', ...checksum });
      await expectError(s3.send(create), 'InvalidRequest', 400);
    }
  },
);

fact(
  'a part with a checksum of another algorithm than its upload is answered InvalidRequest',
  sources.checksums,
  async ({ s3, bucket }) => {
    const address = { Bucket: bucket, Key: 'mixed' };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...address, ChecksumAlgorithm: 'SHA256' }),
    );
    const part = { ...address, UploadId, PartNumber: 1, Body: small, ChecksumCRC32: crc32Base64(small) };
    await expectError(s3.send(new UploadPartCommand(part)), 'InvalidRequest', 400);
  },
);

fact(
  'a part without a checksum is answered InvalidRequest if its upload is COMPOSITE',
  sources.checksums,
  async ({ s3, bucket, raw }) => {
    const address = { Bucket: bucket, Key: 'unproved' };
    const send = (id = '') =>
      raw({ method: 'PUT', path: `/${bucket}/unproved`, query: `partNumber=1&uploadId=${id}`, body: 'x' });
    const composite = { ...address, ChecksumAlgorithm: ChecksumAlgorithm.SHA256 };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(composite));
    const answer = await send(UploadId);
    expect([answer.status, errorCode(answer.text)]).toEqual([400, 'InvalidRequest']);
    const full = { ...address, ChecksumAlgorithm: ChecksumAlgorithm.CRC64NVME };
    const other = await s3.send(new CreateMultipartUploadCommand(full));
    expect((await send(other.UploadId)).status).toBe(200);
  },
);

fact(
  'the part numbers of an upload with a named algorithm must be 1, 2, 3 …',
  sources.checksums,
  async ({ s3, bucket }) => {
    const address = { Bucket: bucket, Key: 'gap' };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...address, ChecksumAlgorithm: 'CRC32' }),
    );
    const sent = await s3.send(
      new UploadPartCommand({ ...address, UploadId, PartNumber: 2, Body: small, ChecksumAlgorithm: 'CRC32' }),
    );
    const complete = { ...address, UploadId, MultipartUpload: { Parts: [{ PartNumber: 2, ...sent }] } };
    await expectError(s3.send(new CompleteMultipartUploadCommand(complete)), 'InternalError', 500);
  },
);

async function copyWhole({ s3, bucket }: World, key: string, checksum: UploadChecksum) {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: 'whole', Body: whole, ChecksumAlgorithm: 'CRC64NVME' }),
  );
  const address = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...address, ...checksum }));
  const copy = { ...address, UploadId, PartNumber: 1, CopySource: `${bucket}/whole` };
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand(copy));
  return { ...address, UploadId, result: CopyPartResult };
}

fact(
  'UploadPartCopy returns a checksum only if Create named an algorithm',
  sources.partCopy,
  async (world) => {
    const unnamed = await copyWhole(world, 'unnamed', {});
    expect(Object.keys(unnamed.result ?? {}).sort()).toEqual(['ETag', 'LastModified']);
    const named = await copyWhole(world, 'named', { ChecksumAlgorithm: 'CRC64NVME' });
    expect(named.result?.ChecksumCRC64NVME).toBe((await headChecksum(world, 'whole')).ChecksumCRC64NVME);
  },
);

fact(
  'a wrong checksum of the object at Complete is answered BadDigest, and no object is published',
  sources.complete,
  async (world) => {
    const { result, ...address } = await copyWhole(world, 'proved', { ChecksumAlgorithm: 'CRC64NVME' });
    const complete = { ...address, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: result?.ETag }] } };
    const wrong = { ...complete, ChecksumCRC64NVME: crc64OfDigits, ChecksumType: ChecksumType.FULL_OBJECT };
    await expectError(world.s3.send(new CompleteMultipartUploadCommand(wrong)), 'BadDigest', 400);
    await expectError(headChecksum(world, 'proved'), 'NotFound', 404);
    const right = {
      ...complete,
      ChecksumCRC64NVME: result?.ChecksumCRC64NVME,
      ChecksumType: ChecksumType.FULL_OBJECT,
    };
    expect((await world.s3.send(new CompleteMultipartUploadCommand(right))).ChecksumCRC64NVME).toBe(
      result?.ChecksumCRC64NVME,
    );
  },
);

fact(
  'ListParts shows the checksums of an upload with a named algorithm',
  sources.listParts,
  async (world) => {
    const { parts, ...address } = await uploadParts(world, 'listed', { ChecksumAlgorithm: 'SHA256' });
    const listed = await world.s3.send(new ListPartsCommand(address));
    expect(listed).toMatchObject({ ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' });
    expect(listed.Parts?.map(({ ChecksumSHA256 }) => ChecksumSHA256)).toEqual(
      parts.map(({ ChecksumSHA256 }) => ChecksumSHA256),
    );
  },
);

fact(
  'a GET shows the checksum of an object, unless it asks for a range',
  sources.get,
  async ({ s3, bucket, raw }) => {
    await raw({ method: 'PUT', path: `/${bucket}/shown`, body: '123456789' });
    const key = { Bucket: bucket, Key: 'shown', ChecksumMode: ENABLED };
    expect((await s3.send(new GetObjectCommand(key))).ChecksumCRC64NVME).toBe(crc64OfDigits);
    expect(
      (await s3.send(new GetObjectCommand({ ...key, Range: 'bytes=0-3' }))).ChecksumCRC64NVME,
    ).toBeUndefined();
  },
);

const everything = Object.values(ObjectAttributes);

fact(
  'GetObjectAttributes returns the ETag without quotes',
  sources.attributes,
  async ({ s3, bucket, raw }) => {
    await raw({ method: 'PUT', path: `/${bucket}/attributes`, body: '123456789' });
    const key = { Bucket: bucket, Key: 'attributes' };
    const found = await s3.send(new GetObjectAttributesCommand({ ...key, ObjectAttributes: everything }));
    expect(found).toMatchObject({
      ETag: md5('123456789'),
      ObjectSize: 9,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumCRC64NVME: crc64OfDigits, ChecksumType: 'FULL_OBJECT' },
    });
    expect(found.ObjectParts).toBeUndefined();
    const one = await s3.send(new GetObjectAttributesCommand({ ...key, ObjectAttributes: ['ObjectSize'] }));
    expect(one.ETag).toBeUndefined();
  },
);

fact(
  'GetObjectAttributes lists the parts of COMPOSITE objects, and counts the parts of others',
  sources.attributes,
  async (world) => {
    const { s3, bucket } = world;
    const composite = await uploadParts(world, 'parts', { ChecksumAlgorithm: 'SHA256' });
    const plain = await uploadParts(world, 'plain-parts', {});
    const { parts, ...address } = composite;
    await s3.send(new CompleteMultipartUploadCommand({ ...address, MultipartUpload: { Parts: parts } }));
    const bare = { Bucket: bucket, Key: 'plain-parts', UploadId: plain.UploadId };
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...bare,
        MultipartUpload: { Parts: withoutChecksums(plain.parts) },
      }),
    );
    const wanted = { Bucket: bucket, ObjectAttributes: everything, MaxParts: 1 };
    const first = await s3.send(new GetObjectAttributesCommand({ ...wanted, Key: 'parts' }));
    expect(first.ObjectParts).toMatchObject({
      TotalPartsCount: 2,
      IsTruncated: true,
      NextPartNumberMarker: '1',
    });
    expect(first.ObjectParts?.Parts).toEqual([{ PartNumber: 1, Size: 5 * MiB, ChecksumSHA256: sha256(big) }]);
    const other = await s3.send(new GetObjectAttributesCommand({ ...wanted, Key: 'plain-parts' }));
    expect(other.ObjectParts).toMatchObject({ TotalPartsCount: 2 });
    expect(other.ObjectParts?.Parts).toBeUndefined();
  },
);
