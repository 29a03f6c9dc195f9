import { createHash } from 'node:crypto';
import { readHeader, type S3Request } from '../http/s3-request.ts';
import { childText, expectShape, findChildren, parseXml, type XmlElement } from '../http/xml-reader.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import type { Bucket, Grant } from '../index/buckets.ts';
import { S3Error } from '../s3-error.ts';

/** The values of the object ownership of a bucket. */
export const objectOwnerships = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];

/** Headers that set an access control list. */
export const aclHeaders = [
  'x-amz-acl',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
];

const permissions: Readonly<Record<string, string>> = {
  'x-amz-grant-full-control': 'FULL_CONTROL',
  'x-amz-grant-read': 'READ',
  'x-amz-grant-read-acp': 'READ_ACP',
  'x-amz-grant-write': 'WRITE',
  'x-amz-grant-write-acp': 'WRITE_ACP',
};

const groups = 'http://acs.amazonaws.com/groups/';
const group = (name: string, permission: string): Grant => ({
  grantee: { type: 'Group', id: groups + name },
  permission,
});

/** The canonical user id that stands for an account in access control lists. */
export function canonicalId(account: string): string {
  return createHash('sha256').update(`canonical ${account}`).digest('hex');
}

const ownerGrant = (account: string): Grant => ({
  grantee: { type: 'CanonicalUser', id: canonicalId(account) },
  permission: 'FULL_CONTROL',
});

const canned: Readonly<Record<string, readonly Grant[]>> = {
  private: [],
  'public-read': [group('global/AllUsers', 'READ')],
  'public-read-write': [group('global/AllUsers', 'READ'), group('global/AllUsers', 'WRITE')],
  'authenticated-read': [group('global/AuthenticatedUsers', 'READ')],
  'aws-exec-read': [{ grantee: { type: 'CanonicalUser', id: canonicalId('za-team') }, permission: 'READ' }],
  'bucket-owner-read': [],
  'bucket-owner-full-control': [],
};

/** S3 ended grants to email addresses on 2025-10-01 and answers 405 to them. */
function parseGrantee(text: string): Grant['grantee'] {
  const match = /^\s*(id|uri|emailAddress)\s*=\s*"?([^"]*)"?\s*$/i.exec(text);
  const [, kind = '', id = ''] = match ?? [];
  if (kind.toLowerCase() === 'emailaddress') throw new S3Error('MethodNotAllowed');
  if (kind === '' || id === '')
    throw new S3Error('InvalidArgument', `Argument format not recognized: ${text}`);
  return { type: kind.toLowerCase() === 'uri' ? 'Group' : 'CanonicalUser', id };
}

function headerGrants(request: S3Request): Grant[] {
  return Object.entries(permissions).flatMap(([header, permission]) => {
    const value = readHeader(request, header);
    return value === undefined
      ? []
      : value.split(',').map((text) => ({ grantee: parseGrantee(text), permission }));
  });
}

/** Refuses an access control list for a bucket that enforces ownership, unless it gives rights only to the owner. */
function checkOwnership(bucket: Bucket, acl: string | undefined, grants: readonly Grant[]): void {
  if (bucket.settings.ownership !== 'BucketOwnerEnforced') return;
  const owner = canonicalId(bucket.settings.owner);
  const own = grants.every(
    ({ grantee, permission }) => grantee.id === owner && permission === 'FULL_CONTROL',
  );
  if ((acl !== undefined && acl !== 'bucket-owner-full-control') || !own)
    throw new S3Error('AccessControlListNotSupported');
}

/**
 * Reads the access control list that the headers of a request ask for; undefined when there are no such headers.
 *
 * @throws {S3Error} `AccessControlListNotSupported`; `MethodNotAllowed` for email grantees
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html (read 2026-11-22)
 */
export function requestedAcl(
  request: S3Request,
  bucket: Bucket,
  owner: string,
): readonly Grant[] | undefined {
  const acl = readHeader(request, 'x-amz-acl');
  const grants = headerGrants(request);
  if (acl === undefined && grants.length === 0) return undefined;
  if (acl !== undefined && grants.length > 0) {
    throw new S3Error('InvalidRequest', 'Specifying both Canned ACLs and Header Grants is not allowed');
  }
  checkOwnership(bucket, acl, grants);
  if (acl === undefined) return grants;
  const found = canned[acl];
  if (found === undefined)
    throw new S3Error('InvalidArgument', undefined, {
      details: { ArgumentName: 'x-amz-acl', ArgumentValue: acl },
    });
  return [ownerGrant(owner), ...found];
}

function parseGrant(grant: XmlElement): Grant {
  const grantee = grant.children.find((child) => child.name === 'Grantee');
  const permission = childText(grant, 'Permission');
  if (grantee === undefined || permission === undefined) throw new S3Error('MalformedXML');
  if (childText(grantee, 'EmailAddress') !== undefined) throw new S3Error('MethodNotAllowed');
  const uri = childText(grantee, 'URI');
  const id = uri ?? childText(grantee, 'ID');
  if (id === undefined) throw new S3Error('MalformedXML');
  return { grantee: { type: uri === undefined ? 'CanonicalUser' : 'Group', id }, permission };
}

/**
 * Parses an AccessControlPolicy document.
 *
 * @throws {S3Error} `MalformedXML`, `AccessControlListNotSupported`; `MethodNotAllowed` for email grantees
 */
export function parseAcl(xml: string, bucket: Bucket): readonly Grant[] {
  const root = parseXml(xml);
  expectShape(root, 'AccessControlPolicy', ['Owner', 'AccessControlList']);
  const grants = findChildren(root, 'AccessControlList')
    .flatMap((list) => findChildren(list, 'Grant'))
    .map(parseGrant);
  checkOwnership(bucket, undefined, grants);
  return grants;
}

/** Writes the Owner element. */
export function ownerElement(account: string, name = 'Owner'): Markup | undefined {
  return element(name, [element('ID', canonicalId(account))]);
}

function grantElement({ grantee, permission }: Grant): Markup | undefined {
  const xsi = ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${grantee.type}"`;
  const id = grantee.type === 'Group' ? element('URI', grantee.id) : element('ID', grantee.id);
  return element('Grant', [element('Grantee', [id], xsi), element('Permission', permission)]);
}

/** Writes the content of an AccessControlPolicy document. Without a list, only the owner has rights. */
export function aclElements(owner: string, acl: readonly Grant[] | undefined): (Markup | undefined)[] {
  return [ownerElement(owner), element('AccessControlList', (acl ?? [ownerGrant(owner)]).map(grantElement))];
}
