import type { VerifiedSignature } from './auth/verified-signature.ts';
import type { S3Request } from './http/s3-request.ts';
import type { Call } from './operations/call.ts';
import type { ConditionValues } from './rules/rule.ts';
import type { RuleBook } from './rules/rules.ts';
import { S3Error } from './s3-error.ts';

/** What decides whether a principal may do an action: the policy of its credentials, and the rules of the store. */
interface AuthorizationContext {
  readonly rules: RuleBook;
  /** Actions that policies did not allow. */
  readonly denied: Set<string>;
}

const makeArn = (bucket: string, key: string | undefined): string =>
  `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;

/** The error that S3 returns to a principal of the account that owns the bucket. */
const notAllowed = (principal: string, action: string, resource: string): S3Error =>
  new S3Error(
    'AccessDenied',
    `User: ${principal} is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`,
  );

/** Whether the policy of the caller, if there is one, allows an action. An action that it does not allow is recorded. */
function isAllowed(
  { denied }: AuthorizationContext,
  caller: VerifiedSignature | undefined,
  action: string,
  resource: string,
): boolean {
  const { permissions } = caller ?? {};
  if (permissions === undefined || permissions.allow(action, resource)) return true;
  denied.add(`${permissions.name}: ${action} on ${resource}`);
  return false;
}

/**
 * Operations with the condition key `s3:prefix`. ListMultipartUploads does not have it.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html (read 2026-11-25)
 */
const listings: ReadonlySet<string> = new Set(['ListObjects', 'ListObjectsV2', 'ListObjectVersions']);

/** The values that the conditions of a policy could check. */
const readConditionValues = (request: S3Request, action: string): ConditionValues =>
  action.startsWith('s3:ListBucket') && listings.has(request.operation)
    ? { prefix: request.query.get('prefix') ?? '' }
    : {};

/** Makes the functions with which an operation asks whether the principal of its request may do an action. */
export function authorizeCall(
  context: AuthorizationContext,
  request: S3Request,
  principal: string,
): Pick<Call, 'allows' | 'permit'> {
  const may = (action: string, bucket: string, key?: string): boolean =>
    isAllowed(context, request.verified, action, makeArn(bucket, key));
  const denies = (action: string, bucket: string, key?: string): boolean =>
    context.rules.denies({
      action,
      principal,
      bucket,
      key,
      conditionValues: readConditionValues(request, action),
    });
  return {
    allows: (action, bucket, key) => may(action, bucket, key) && !denies(action, bucket, key),
    permit: (action, bucket, key) => {
      if (!may(action, bucket, key)) throw notAllowed(principal, action, makeArn(bucket, key));
      if (denies(action, bucket, key)) throw new S3Error('AccessDenied');
    },
  };
}

/**
 * Checks whether a caller may do an action of the security token service.
 *
 * @throws {S3Error} `AccessDenied`
 */
export function authorizeTokenRequest(
  context: AuthorizationContext,
  caller: VerifiedSignature,
  action: string,
  resource: string,
  conditionValues: ConditionValues,
): void {
  const { principal } = caller;
  const may = isAllowed(context, caller, action, resource);
  if (may && !context.rules.denies({ action, principal, key: resource, conditionValues })) return;
  throw new S3Error(
    'AccessDenied',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource}`,
  );
}
