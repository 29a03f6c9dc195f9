import { type Answer, isoDate } from '../http/answer.ts';
import type { S3Request } from '../http/s3-request.ts';
import { element, type Markup } from '../http/xml-writer.ts';
import { S3Error } from '../s3-error.ts';
import { type CredentialStore, principalAccount } from './credentials.ts';
import { sha256Hex, verifySignature } from './signature.ts';
import type { VerifiedSignature } from './verified-signature.ts';

/** What the security token service needs to answer a request. */
export interface SecurityTokenContext {
  readonly credentials: CredentialStore;
  readonly region: string;
  /** @throws {S3Error} `AccessDenied` */
  permit(
    caller: VerifiedSignature,
    action: string,
    resource: string,
    conditionValues: { readonly externalId?: string | undefined },
  ): void;
}

/** Attribute of the root element of every answer. */
const stsNamespace = ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
/** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html (read 2026-11-22) */
const duration = { fallback: 3600, min: 900, max: 43_200 } as const;

async function readForm(request: S3Request): Promise<{ form: URLSearchParams; hash: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request.incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return { form: new URLSearchParams(body.toString()), hash: sha256Hex(body) };
}

function respond(action: string, result: readonly (Markup | undefined)[]): Answer {
  const children = [
    element(`${action}Result`, result),
    element('ResponseMetadata', [element('RequestId', crypto.randomUUID())]),
  ];
  const root = element(`${action}Response`, children, stsNamespace);
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: root?.xml ?? '' };
}

function readDuration(form: URLSearchParams): number {
  const text = form.get('DurationSeconds');
  const seconds = text === null ? duration.fallback : Number(text);
  if (!Number.isInteger(seconds) || seconds < duration.min || seconds > duration.max) {
    throw new S3Error(
      'InvalidArgument',
      `DurationSeconds must be an integer from ${duration.min} to ${duration.max}, not ${text}`,
    );
  }
  return seconds;
}

/** The principal of a session of a role. Unlike the ARN of the role, it does not contain the path of the role. */
function sessionPrincipal(role: string, session: string): string {
  const match = /^arn:(aws[\w-]*):iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(role);
  if (match === null) throw new S3Error('InvalidArgument', `${role} is not the ARN of a role`);
  return `arn:${match[1]}:sts::${match[2]}:assumed-role/${match[3]}/${session}`;
}

function assumeRole(form: URLSearchParams, caller: VerifiedSignature, context: SecurityTokenContext): Answer {
  const [role, session] = [form.get('RoleArn') ?? '', form.get('RoleSessionName') ?? ''];
  if (!/^[\w+=,.@-]{2,64}$/.test(session))
    throw new S3Error('InvalidArgument', `RoleSessionName is not valid: ${session}`);
  context.permit(caller, 'sts:AssumeRole', role, { externalId: form.get('ExternalId') ?? undefined });
  const keys = context.credentials.startSession(sessionPrincipal(role, session), readDuration(form));
  return respond('AssumeRole', [
    element('Credentials', [
      element('AccessKeyId', keys.accessKeyId),
      element('SecretAccessKey', keys.secretAccessKey),
      element('SessionToken', keys.sessionToken),
      element('Expiration', isoDate(keys.expires)),
    ]),
    element('AssumedRoleUser', [
      element('AssumedRoleId', `AROASANDBOX:${session}`),
      element('Arn', keys.principal),
    ]),
  ]);
}

function callerIdentity(principal: string): Answer {
  return respond('GetCallerIdentity', [
    element('Arn', principal),
    element('UserId', principal),
    element('Account', principalAccount(principal)),
  ]);
}

/**
 * Answers a request to the security token service: AssumeRole or GetCallerIdentity.
 *
 * @returns the action, the principal of the caller, and the answer
 * @throws {S3Error} when the signature is wrong, a value is not valid, or the action is denied or not implemented
 */
export async function answerSecurityToken(
  request: S3Request,
  context: SecurityTokenContext,
): Promise<{ action: string; principal: string; answer: Answer }> {
  const { form, hash } = await readForm(request);
  const signature = {
    credentials: context.credentials,
    region: context.region,
    now: Date.now(),
    service: 'sts',
    payloadHash: hash,
  } as const;
  const caller = await verifySignature(request, signature);
  const { principal } = caller;
  const action = form.get('Action') ?? '';
  if (action === 'AssumeRole') return { action, principal, answer: assumeRole(form, caller, context) };
  if (action === 'GetCallerIdentity') return { action, principal, answer: callerIdentity(principal) };
  throw new S3Error('NotImplemented', `${action || 'POST /'} is not implemented`);
}

/**
 * Names and statuses of the security token service for errors that S3 calls something else.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html (read 2026-11-25)
 */
const errorNames: Readonly<Record<string, readonly [code: string, status: number]>> = {
  AuthorizationHeaderMalformed: ['IncompleteSignature', 400],
  ExpiredToken: ['ExpiredTokenException', 403],
  InvalidAccessKeyId: ['InvalidClientTokenId', 403],
  InvalidArgument: ['ValidationError', 400],
  InvalidToken: ['InvalidClientTokenId', 403],
  NotImplemented: ['InvalidAction', 400],
  RequestTimeTooSkewed: ['SignatureDoesNotMatch', 403],
};

/** The answer to a request to the security token service that failed. */
export function stsErrorAnswer(error: S3Error, id: string): Answer {
  const [code, status] = errorNames[error.code] ?? [error.code, error.status];
  const children = [
    element('Type', status < 500 ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', error.message),
  ];
  const content = [element('Error', children), element('RequestId', id)];
  const root = element('ErrorResponse', content, stsNamespace);
  return { status, headers: { 'content-type': 'text/xml' }, body: root?.xml ?? '' };
}
