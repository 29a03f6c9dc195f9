/** What an access control list may grant on an object. */
export const permissions = ['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL'] as const;
export type GrantPermission = (typeof permissions)[number];

/** One entry of an access control list. */
export interface Grant {
  readonly permission: GrantPermission;
  /** `id`: canonical user id of an account; `uri`: address of a group. */
  readonly kind: 'id' | 'uri';
  readonly grantee: string;
}

/** Grants as the headers of S3 carry them, by the SDK's names. */
export type GrantFields = Partial<
  Record<'GrantRead' | 'GrantWrite' | 'GrantReadACP' | 'GrantWriteACP' | 'GrantFullControl', string>
>;

const fields: Readonly<Record<GrantPermission, keyof GrantFields>> = {
  READ: 'GrantRead',
  WRITE: 'GrantWrite',
  READ_ACP: 'GrantReadACP',
  WRITE_ACP: 'GrantWriteACP',
  FULL_CONTROL: 'GrantFullControl',
};

/**
 * Reads an entry of `aclGrant`.
 *
 * @param text `PERMISSION:id=…` or `PERMISSION:uri=…`, as the request's schema has checked it
 */
export function readGrant(text: string): Grant {
  const [permission = '', grantee = ''] = text.split(/:(.*)/s);
  const [kind = '', name = ''] = grantee.split(/=(.*)/s);
  return { permission: permission as GrantPermission, kind: kind as Grant['kind'], grantee: name };
}

/** The headers of these grants; several of one permission share a header. */
export function grantFields(grants: readonly Grant[]): GrantFields {
  const headers: GrantFields = {};
  for (const { permission, kind, grantee } of grants) {
    const field = fields[permission];
    const entry = `${kind}="${grantee}"`;
    headers[field] = headers[field] === undefined ? entry : `${headers[field]}, ${entry}`;
  }
  return headers;
}

/**
 * Whether the grants need a request of their own: no request that writes an object has a header for WRITE, which
 * means nothing on an object and is kept for those who list it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html (read 2026-11-22)
 */
export const hasWrite = (grants: readonly Grant[]): boolean =>
  grants.some(({ permission }) => permission === 'WRITE');
