import { describe, expect, it } from 'vitest';
import { adviceOn, iamStatements, missingStatements } from '../../../core/access/iam-actions.ts';

const denied = (action: string): string =>
  `User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ${action} on resource: "arn:aws:s3:::b/k"`;

describe('the statements that a refusal may have lacked', () => {
  it.each([
    { operation: 'CopyObject', message: denied('s3:PutObjectTagging'), ids: ['WriteDestination'] },
    { operation: 'CopyObject', message: denied('s3:GetObjectVersion'), ids: ['ReadSource'] },
    {
      operation: 'UploadPartCopy',
      message: denied('kms:Decrypt'),
      ids: ['UseSourceKeys', 'UseDestinationKeys'],
    },
    {
      operation: 'CopyObject',
      message: 'Access Denied',
      ids: ['ReadSource', 'UseSourceKeys', 'WriteDestination', 'UseDestinationKeys'],
    },
    {
      operation: 'CopyObject',
      message: 's3:GetObjectTagging on arn:aws:s3:::b/k is denied: allow it',
      ids: ['ReadSource', 'WriteDestination'],
    },
    { operation: 'ListMultipartUploads', message: 'Access Denied', ids: ['FindUploads'] },
    {
      operation: 'CreateMultipartUpload',
      message: denied('s3:Unheard'),
      ids: ['WriteDestination', 'UseDestinationKeys'],
    },
    { operation: 'PutObjectAcl', message: denied('s3:PutObjectAcl'), ids: ['WriteProperties'] },
    { operation: 'PaintObject', message: 'Access Denied', ids: [] },
  ])('$operation, "$message": $ids', ({ operation, message, ids }) => {
    expect(missingStatements(operation, message)).toEqual(ids);
  });

  it('are named behind the words of the refusal', () => {
    expect(adviceOn('GetObjectTagging', '')).toBe(
      '; add the statement ReadSource that "s3copy policy" prints',
    );
    expect(adviceOn('DeleteObjects', '')).toBe(
      '; add one of the statements RemovePartFiles, DeleteDestination that "s3copy policy" prints',
    );
    expect(adviceOn('PaintObject', '')).toBe('');
  });
});

describe('rights', () => {
  it('are single actions, never wildcards', () => {
    for (const action of Object.values(iamStatements).flat())
      expect(action).toMatch(/^(s3|kms|sts):[A-Za-z]+$/);
  });
});
