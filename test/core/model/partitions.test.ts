import { describe, expect, it } from 'vitest';
import { findPartition, s3Arn } from '../../../core/model/partitions.ts';

describe('findPartition', () => {
  it.each([
    ['eu-central-1', 'aws'],
    ['us-east-1', 'aws'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ])('%s lies in %s', (region, partition) => {
    expect(findPartition(region)).toBe(partition);
  });
});

it('the ARN of a bucket, and of an object in it', () => {
  expect(s3Arn('aws', 'b')).toBe('arn:aws:s3:::b');
  expect(s3Arn('aws-cn', 'b', 'k/x')).toBe('arn:aws-cn:s3:::b/k/x');
});
