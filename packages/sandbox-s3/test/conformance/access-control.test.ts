import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectAclCommand,
  type ObjectCannedACL,
  PutObjectAclCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { expectError } from './expectations.ts';
import { fact, startJudge } from './fact.ts';
import { sources } from './sources.ts';

startJudge();

const everyone = 'http://acs.amazonaws.com/groups/global/AllUsers';

fact('a new bucket accepts only the ACL bucket-owner-full-control', sources.acl, async ({ s3, bucket }) => {
  const put = { Bucket: bucket, Key: 'k', Body: 'x' };
  for (const ACL of ['public-read', 'private', 'authenticated-read'] satisfies ObjectCannedACL[]) {
    await expectError(s3.send(new PutObjectCommand({ ...put, ACL })), 'AccessControlListNotSupported', 400);
  }
  await s3.send(new PutObjectCommand({ ...put, ACL: 'bucket-owner-full-control' }));
  const grant = { Bucket: bucket, Key: 'g', GrantRead: `uri="${everyone}"` };
  await expectError(s3.send(new CreateMultipartUploadCommand(grant)), 'AccessControlListNotSupported', 400);
});

fact(
  'a bucket with ACLs stores the grants of an object, and a copy does not inherit them',
  sources.acl,
  async ({ s3, newBucket }) => {
    const bucket = await newBucket({ ownership: 'ObjectWriter' });
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x', GrantRead: `uri="${everyone}"` }),
    );
    const acl = await s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'k' }));
    expect(acl.Grants?.map(({ Grantee, Permission }) => [Grantee?.URI, Permission])).toContainEqual([
      everyone,
      'READ',
    ]);
    await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/k` }));
    const copied = await s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'copy' }));
    expect(copied.Grants?.map(({ Grantee, Permission }) => [Grantee?.Type, Permission])).toEqual([
      ['CanonicalUser', 'FULL_CONTROL'],
    ]);
  },
);

fact('PutObjectAcl sets a canned ACL', sources.acl, async ({ s3, newBucket }) => {
  const bucket = await newBucket({ ownership: 'ObjectWriter' });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
  await s3.send(new PutObjectAclCommand({ Bucket: bucket, Key: 'k', ACL: 'public-read' }));
  const acl = await s3.send(new GetObjectAclCommand({ Bucket: bucket, Key: 'k' }));
  expect(acl.Grants?.map(({ Grantee }) => Grantee?.URI)).toContain(everyone);
});

fact('S3 answers 405 to a grant to an email address', sources.acl, async ({ s3, newBucket }) => {
  const bucket = await newBucket({ ownership: 'ObjectWriter' });
  const put = { Bucket: bucket, Key: 'k', Body: 'x', GrantRead: 'emailAddress="somebody@example.com"' };
  await expectError(s3.send(new PutObjectCommand(put)), 'MethodNotAllowed', 405);
});

fact(
  'a bucket created with the ACL private has ACLs enabled, and every other ACL is refused',
  sources.acl,
  async ({ raw, s3 }) => {
    const name = `facts-acl-${Date.now()}`;
    const open = await raw({ method: 'PUT', path: `/${name}`, headers: { 'x-amz-acl': 'public-read' } });
    expect(open.status).toBe(400);
    expect(open.text).toContain('<Code>InvalidBucketAclWithObjectOwnership</Code>');
    expect(await raw({ method: 'PUT', path: `/${name}`, headers: { 'x-amz-acl': 'private' } })).toMatchObject(
      { status: 200 },
    );
    await s3.send(new PutObjectCommand({ Bucket: name, Key: 'k', Body: 'x', ACL: 'private' }));
  },
);
