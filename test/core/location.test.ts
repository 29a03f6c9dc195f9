import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketName, formatLocation, LocationText, splitLocation } from '../../lambdas/core/location.ts';
import { anyKey, awkwardKeys } from './arbitraries.ts';

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

  it('refuses a directory bucket, whose API is another', () => {
    expect(BucketName.safeParse('fast--usw2-az1--x-s3').error?.issues[0]?.message).toBe(
      'is a directory bucket (S3 Express), which s3copy does not support',
    );
  });
});

describe('LocationText', () => {
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
