import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StorageError } from 'local-storage/storage';
import type { CredentialStore } from './auth/credentials.ts';
import {
  answerSecurityToken,
  type SecurityTokenContext,
  stsErrorAnswer,
} from './auth/security-token-service.ts';
import { verifySignature } from './auth/signature.ts';
import { authorizeCall, authorizeTokenRequest } from './authorize.ts';
import { type Answer, errorAnswer } from './http/answer.ts';
import { checkUnderstood } from './http/check-understood.ts';
import { readHeader, readRequest, type S3Request } from './http/s3-request.ts';
import { sendAnswer } from './http/send-answer.ts';
import type { Store } from './index/store.ts';
import type { Call } from './operations/call.ts';
import type { ConditionalWrites } from './operations/conditional-writes.ts';
import { parseCopySource } from './operations/copy-source.ts';
import { operations } from './operations/operations.ts';
import type { RequestCounter } from './request-log.ts';
import {
  alterAnswer,
  applyEffectsAfter,
  applyEffectsBefore,
  findPageLimit,
  findReplacement,
  findTruncation,
  type Replacement,
  withoutIgnoredParameters,
} from './rules/apply-effects.ts';
import type { Effect, RuleBook, RuledRequest } from './rules/rules.ts';
import { S3Error } from './s3-error.ts';

/** The parts of a store that handle requests. */
export interface HandlerContext {
  readonly store: Store;
  readonly credentials: CredentialStore;
  readonly rules: RuleBook;
  readonly log: RequestCounter;
  readonly conditionalWrites: ConditionalWrites;
  /** Actions that the policies of roles did not allow. */
  readonly denied: Set<string>;
  readonly region: string;
  readonly url: () => string;
}

/** What is known about a request so far. */
interface Progress {
  request: S3Request | undefined;
  operation: string;
  principal: string;
  effects: readonly Effect[];
}

/** What is sent to the client, with the error code if it is an error. */
interface Finished {
  readonly outcome: Answer | 'reset';
  readonly error: string | undefined;
}

function readCopySource(request: S3Request): string | undefined {
  const header = readHeader(request, 'x-amz-copy-source');
  if (header === undefined) return undefined;
  try {
    const { bucket, key } = parseCopySource(header);
    return `${bucket}/${key}`;
  } catch {
    return undefined; // The operation refuses it later.
  }
}

function ruledRequest(progress: Progress, request: S3Request): RuledRequest {
  const { operation, principal } = progress;
  return {
    operation,
    principal,
    bucket: request.bucket,
    key: request.key,
    copySource: readCopySource(request),
    partNumber: request.query.has('partNumber') ? Number(request.query.get('partNumber')) : undefined,
  };
}

function makeCall(
  context: HandlerContext,
  request: S3Request,
  { principal, effects }: Pick<Progress, 'principal' | 'effects'>,
): Call {
  const { store, region, conditionalWrites } = context;
  return {
    request,
    store,
    region,
    principal,
    conditionalWrites,
    url: context.url(),
    mostEntries: findPageLimit(effects),
    keepsEtag: effects.some(({ kind }) => kind === 'keep-etag'),
    ...authorizeCall(context, request, principal),
  };
}

async function runOperation(
  context: HandlerContext,
  progress: Progress,
  request: S3Request,
): Promise<Answer> {
  const operation = operations.get(request.operation);
  if (operation === undefined) throw new S3Error('NotImplemented', `${request.operation} is not implemented`);
  checkUnderstood(request, operation.headers, operation.query);
  return operation.handle(makeCall(context, request, progress));
}

function finish(outcome: Replacement): Finished {
  return outcome === 'reset'
    ? { outcome, error: undefined }
    : { outcome: outcome.answer, error: outcome.error };
}

async function runUnderRules(
  context: HandlerContext,
  progress: Progress,
  request: S3Request,
): Promise<Finished> {
  const { rules, store } = context;
  const ruled = ruledRequest(progress, request);
  progress.effects = rules.chooseEffects(ruled);
  await applyEffectsBefore(progress.effects, ruled, rules, store);
  const before = findReplacement(progress.effects, 'before');
  if (before !== undefined) return finish(before);
  const query = withoutIgnoredParameters(progress.effects, request.query);
  const answer = await runOperation(context, progress, { ...request, query });
  await applyEffectsAfter(progress.effects, ruled);
  const after = findReplacement(progress.effects, 'after');
  return after === undefined
    ? { outcome: alterAnswer(progress.effects, answer), error: undefined }
    : finish(after);
}

async function runSecurityToken(
  context: HandlerContext,
  progress: Progress,
  request: S3Request,
): Promise<Finished> {
  const { credentials, region } = context;
  const permit: SecurityTokenContext['permit'] = (...action) => authorizeTokenRequest(context, ...action);
  const { action, principal, answer } = await answerSecurityToken(request, { credentials, region, permit });
  progress.operation = action;
  progress.principal = principal;
  return { outcome: answer, error: undefined };
}

async function run(
  context: HandlerContext,
  progress: Progress,
  incoming: IncomingMessage,
): Promise<Finished> {
  const request = readRequest(incoming);
  progress.request = request;
  progress.operation = request.operation;
  if (request.operation === 'SecurityTokenService') return runSecurityToken(context, progress, request);
  const { credentials, region } = context;
  request.verified = await verifySignature(request, { credentials, region, now: Date.now(), service: 's3' });
  progress.principal = request.verified.principal;
  return runUnderRules(context, progress, request);
}

function toError(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (error instanceof StorageError) return new S3Error('InternalError', error.message);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new S3Error('InternalError', undefined, { details: { Detail: detail } });
}

async function runToAnswer(
  context: HandlerContext,
  progress: Progress,
  incoming: IncomingMessage,
  id: string,
): Promise<Finished> {
  try {
    return await run(context, progress, incoming);
  } catch (thrown) {
    const error = toError(thrown);
    const ids = {
      BucketName: progress.request?.bucket,
      Resource: progress.request?.path,
      RequestId: id,
      HostId: 'sandbox',
    };
    const isSts = progress.request?.operation === 'SecurityTokenService';
    return { outcome: isSts ? stsErrorAnswer(error, id) : errorAnswer(error, ids), error: error.code };
  }
}

/** What a request says about owners and payers, for the recording. */
const readExpectations = (request: S3Request) => ({
  owner: readHeader(request, 'x-amz-expected-bucket-owner'),
  sourceOwner: readHeader(request, 'x-amz-source-expected-bucket-owner'),
  payer: readHeader(request, 'x-amz-request-payer'),
});

function bucketRegion(context: HandlerContext, { request }: Progress): Record<string, string> {
  const bucket = context.store.buckets.find(request?.bucket ?? '');
  return bucket === undefined ? {} : { 'x-amz-bucket-region': bucket.settings.region };
}

/** Answers one request and records it. */
export async function handleRequest(
  context: HandlerContext,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const at = Date.now();
  const id = randomBytes(8).toString('hex').toUpperCase();
  const progress: Progress = { request: undefined, operation: 'Unknown', principal: '', effects: [] };
  context.log.begin();
  const { outcome, error } = await runToAnswer(context, progress, incoming, id);
  const { request, operation, principal } = progress;
  context.log.end({
    operation,
    bucket: request?.bucket,
    key: request?.key,
    copySource: request && readCopySource(request),
    ...(request && readExpectations(request)),
    principal,
    status: outcome === 'reset' ? 0 : outcome.status,
    error,
    at,
    milliseconds: performance.now() - started,
  });
  if (outcome === 'reset') return void incoming.socket.destroy();
  const ids = { 'x-amz-request-id': id, 'x-amz-id-2': 'sandbox', ...bucketRegion(context, progress) };
  await sendAnswer(incoming, outgoing, outcome, ids, findTruncation(progress.effects));
}
