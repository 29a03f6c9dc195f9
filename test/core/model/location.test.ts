import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketName, formatLocation, LocationText, splitLocation } from '../../../core/model/location.ts';
import { anyKey, awkwardKeys } from '../arbitraries.ts';

describe('splitLocation', () => {
  it.each([
    ['s3://bucket', 'bucket', ''],
    ['s3://bucket/', 'bucket', ''],
    ['s3://bucket/path', 'bucket', 'path'],
    ['s3://bucket/path/', 'bucket', 'path/'],
    ['s3://bucket//path', 'bucket', '/path'],
    ['s3://bucket/a/../b', 'bucket', 'a/../b'],
    ['s3://bucket/a?b#c', 'bucket', 'a?b#c'],
    ['s3://bucket/a%2Fb', 'bucket', 'a%2Fb'],
    ['s3://bucket/a b', 'bucket', 'a b'],
    ['s3://', '', ''],
    ['s3:///path', '', 'path'],
  ])('splits %s at its first slash', (text, bucket, path) => {
    expect(splitLocation(text)).toEqual({ bucket, path });
  });

  it.each(['', 'bucket', '/bucket', 's3:/bucket', 'S3://bucket', 'https://bucket', ' s3://bucket'])(
    'does not take %j for a location',
    (text) => {
      expect(splitLocation(text)).toBeUndefined();
    },
  );

  it.each(awkwardKeys)('gives back a path with %s as it was', (_name, key) => {
    expect(splitLocation(formatLocation('bucket', key))).toEqual({ bucket: 'bucket', path: key });
  });

  it('gives back any path as it was', () => {
    fc.assert(
      fc.property(anyKey, (path) => {
        expect(splitLocation(formatLocation('bucket', path))).toEqual({ bucket: 'bucket', path });
      }),
    );
  });
});

describe('BucketName', () => {
  it.each([
    ['abc', 'three characters'],
    ['a'.repeat(63), 'the longest of today'],
    ['a'.repeat(255), 'the longest of the years before 2018'],
    ['Old_Bucket', 'capitals and underscores of the years before 2018'],
    ['a.b-c', 'dots and dashes'],
    ['123', 'digits'],
  ])('takes %s: %s', (name) => {
    expect(BucketName.safeParse(name).success).toBe(true);
  });

  it.each([
    ['ab', 'too short'],
    ['a'.repeat(256), 'too long'],
    ['-ab', 'begins with a dash'],
    ['ab-', 'ends with a dash'],
    ['.ab', 'begins with a dot'],
    ['a b', 'has a blank'],
    ['abé', 'is not ASCII'],
    ['abc\n', 'ends with a newline'],
    ['', 'is empty'],
  ])('refuses %j, which %s', (name) => {
    expect(BucketName.safeParse(name).error?.issues[0]?.message).toBe(
      'is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores',
    );
  });

  it.each([
    [
      'my-ap-abc123-s3alias',
      'is the alias of an access point, which s3copy does not support: name its bucket instead',
    ],
    ['my-olap--ol-s3', 'is the alias of an Object Lambda access point, .*: name its bucket instead'],
    ['my-ap-abc--op-s3', 'is the alias of an access point of S3 on Outposts, which s3copy does not support'],
    ['mfzwi23gnjvgw.mrap', 'is a Multi-Region Access Point, .*: name one of its buckets instead'],
    ['fast--usw2-az1--x-s3', 'is a directory bucket \\(S3 Express\\), which s3copy does not support'],
    ['fast-ap--usw2-az1--xa-s3', 'is an access point of a directory bucket'],
    ['abc--table-s3', 'is a table bucket \\(S3 Tables\\)'],
    [
      'arn:aws:s3:us-east-1:123456789012:accesspoint',
      'is the ARN of an access point, .*: name its bucket instead',
    ],
    ['arn:aws:s3:::bucket', 'is an ARN: write s3://bucket'],
  ])('refuses %s by what it is, and says what to use', (name, message) => {
    expect(BucketName.safeParse(name).error?.issues).toMatchObject([
      { message: expect.stringMatching(new RegExp(`^${message}`)) },
    ]);
  });

  it.each(['s3alias', 'mrap', 'my-s3aliases', 'x-s3', 'table-s3'])(
    'takes %s, which only looks so',
    (name) => {
      expect(BucketName.safeParse(name).success).toBe(true);
    },
  );
});

describe('LocationText', () => {
  const accessPoint = 'is the ARN of an access point, which s3copy does not support: name its bucket instead';
  it.each([
    ['arn:aws:s3:us-east-1:123456789012:accesspoint/ap', accessPoint],
    ['s3://arn:aws:s3:us-east-1:123456789012:accesspoint/ap/object/a', accessPoint],
    ['s3://arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:ap', accessPoint],
    ['arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap', accessPoint],
    ['arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/ap', accessPoint],
    ['arn:aws:s3:::bucket/a/b', 'is an ARN: write s3://bucket/a/b'],
    ['s3://arn:aws:s3:::bucket', 'is an ARN: write s3://bucket'],
    ['arn:aws:iam::123456789012:role/r', 'is an ARN: write s3://bucket/path'],
    ['s3://my-ap-abc123-s3alias/a', 'bucket "my-ap-abc123-s3alias" is the alias of an access point'],
  ])('refuses %s by what it is, and says what to use', (text, message) => {
    expect(LocationText.safeParse(text).error?.issues[0]?.message).toContain(message);
  });

  it('parses a location', () => {
    expect(LocationText.parse('s3://bucket/a/b')).toEqual({ bucket: 'bucket', path: 'a/b' });
  });

  it.each([
    { path: 'k'.repeat(1024), isTaken: true, why: 'of the longest key' },
    { path: 'k'.repeat(1025), isTaken: false, why: 'but not one byte more' },
    { path: 'é'.repeat(512), isTaken: true, why: 'of as many bytes in half the characters' },
    { path: 'é'.repeat(513), isTaken: false, why: 'but not two bytes more' },
    { path: '\ud83d', isTaken: false, why: 'but not half a character' },
    { path: '😀', isTaken: true, why: 'of a whole one' },
  ])('takes a path $why', ({ path, isTaken }) => {
    expect(LocationText.safeParse(`s3://bucket/${path}`).success).toBe(isTaken);
  });

  it('says which form a location has', () => {
    expect(LocationText.safeParse('bucket/a').error?.issues[0]?.message).toBe(
      'must have the form s3://bucket or s3://bucket/path',
    );
  });

  it('names the bucket that is none', () => {
    expect(LocationText.safeParse('s3://a/b').error?.issues[0]?.message).toBe(
      'bucket "a" is not a bucket name: 3 to 255 letters, digits, dots, dashes and underscores',
    );
  });
});
