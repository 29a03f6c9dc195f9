import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CredentialStore, type Credentials } from './auth/credentials.ts';
import { handleRequest } from './handle-request.ts';
import { errorDocument } from './http/answer.ts';
import { Store } from './index/store.ts';
import { ConditionalWrites } from './operations/conditional-writes.ts';
import { RequestCounter, type RequestLog } from './request-log.ts';
import type { Rule } from './rules/rule.ts';
import { RuleBook, type Rules } from './rules/rules.ts';

/** Options of a sandbox store. */
export interface SandboxStoreOptions {
  /** Folder for buckets and objects. It is made if it is missing. Only one store at a time can use it. */
  readonly dataDirectory: string;
  /** @default 0: any free port */
  readonly port?: number | undefined;
  /** @default 127.0.0.1 */
  readonly host?: string | undefined;
  /** Region of the store and of all its buckets. @default us-east-1 */
  readonly region?: string | undefined;
  /** Keys that requests can be signed with. @default access key `local`, secret key `locallocal`, principal `local` */
  readonly credentials?: readonly Credentials[] | undefined;
  /** Added to the error message for an unknown access key. @default nothing */
  readonly unknownKeyAdvice?: string | undefined;
  /** Rules that apply from the start. They are plain JSON, so that they can be passed to a child process. */
  readonly faults?: readonly Rule[] | undefined;
  /** Seed for `probability` and `spread` of rules. @default 1 */
  readonly seed?: number | undefined;
  /** Clock for the dates of objects. Signatures are checked against the system's clock. @default the system's clock */
  readonly now?: (() => Date) | undefined;
}

/**
 * A running sandbox store.
 *
 * ```ts
 * const store = await startSandboxStore({ dataDirectory });
 * const s3 = new S3Client({ endpoint: store.url, region: 'us-east-1', forcePathStyle: true,
 *   credentials: { accessKeyId: 'local', secretAccessKey: 'locallocal' } });
 *
 * // Permissions, by IAM's action names. CopyObject needs s3:GetObject for the source and s3:PutObject for the destination.
 * const denial = store.rules.add({ kind: 'deny', action: 's3:GetObject', bucket: 'source', key: 'secret/*' });
 * denial.remove();
 *
 * // Faults: for `times` matching requests, `before` or `after` their effect; `inside` an answer with status 200.
 * store.rules.add({ kind: 'fail', operation: 'CopyObject', key: 'a/b', code: 'SlowDown', times: 1 });
 * store.rules.add({ kind: 'fail', operation: 'CompleteMultipartUpload', code: 'InternalError', when: 'after', inside: true });
 * store.rules.add({ kind: 'reset', operation: 'UploadPartCopy', when: 'after', times: 2 });
 * store.rules.add({ kind: 'latency', milliseconds: 50, spread: 100 });
 * store.rules.add({ kind: 'throttle', requestsPerSecond: 100, per: 'folder' });
 * store.rules.add({ kind: 'mutate', operation: 'CopyObject', times: 1,
 *   target: { bucket: 'source', key: 'a' }, change: { type: 'delete' } });
 * store.rules.add({ kind: 'alter', operation: 'ListObjectsV2', pattern: '<IsTruncated>.*?</IsTruncated>', with: '' });
 * store.rules.add({ kind: 'ignore-parameter', parameter: 'encoding-type' });
 * store.rules.add({ kind: 'keep-etag', operation: 'CopyObject', bucket: 'destination' });
 * store.rules.hook({ operation: 'UploadPartCopy', times: 1 }, async (request) => { … });
 * store.rules.clear();
 *
 * // Requests are always counted. `record()` keeps each: operation, bucket, key, copySource, principal, status.
 * store.requests.count({ operation: ['ListObjectsV2', 'HeadObject'], bucket: 'source' });
 * const recording = store.requests.record();
 * ```
 *
 * `POST /` with `Action=AssumeRole` returns temporary credentials whose principal is
 * `arn:aws:sts::<account>:assumed-role/<role>/<session>` (`@aws-sdk/client-sts` with the same endpoint).
 */
export interface SandboxStore {
  /** `http://host:port`; clients must use path-style addresses. */
  readonly url: string;
  readonly rules: Rules;
  readonly requests: RequestLog;
  /** Actions that the policies of credentials did not allow, such as `copy-objects: s3:GetObject on arn:…`. */
  readonly denied: ReadonlySet<string>;
  /** Stops immediately. Connections are closed, and requests that have not taken effect have no effect. */
  close(): Promise<void>;
}

const defaultCredentials: readonly Credentials[] = [
  { accessKeyId: 'local', secretAccessKey: 'locallocal', principal: 'local' },
];

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

/** The answer to bytes that are not a valid HTTP request. */
function badRequest(): string {
  const body = errorDocument('BadRequest', 'An error occurred when parsing the HTTP request.', {});
  const head = [
    'HTTP/1.1 400 Bad Request',
    'content-type: application/xml',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-amz-request-id: ${randomBytes(8).toString('hex').toUpperCase()}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function makeServer(handle: Parameters<typeof createServer>[1]): Server {
  // No timeout for requests, because uploads can have many GiB. Idle connections stay open for clients with pools.
  const server = createServer(
    { requestTimeout: 0, keepAliveTimeout: 60_000, highWaterMark: 256 * 1024 },
    handle,
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(badRequest());
    else socket.destroy();
  });
  return server;
}

/**
 * Starts an S3-compatible server on this machine that keeps its data on disk.
 *
 * Its answers follow S3's documentation. For an operation, header or parameter that it does not implement, it answers
 * `NotImplemented` and names it. The process can be killed at any time: an object is either complete or absent.
 *
 * @throws {StorageError} when the data directory cannot be used
 */
export async function startSandboxStore(options: SandboxStoreOptions): Promise<SandboxStore> {
  const { dataDirectory, port = 0, host = '127.0.0.1', region = 'us-east-1' } = options;
  const store = new Store(dataDirectory, options.now ?? (() => new Date()));
  const credentials = new CredentialStore(
    store.db,
    options.credentials ?? defaultCredentials,
    () => Date.now(),
    options.unknownKeyAdvice,
  );
  const rules = new RuleBook(options.faults ?? [], options.seed ?? 1);
  const log = new RequestCounter();
  const denied = new Set<string>();
  const context = {
    store,
    credentials,
    rules,
    log,
    conditionalWrites: new ConditionalWrites(),
    denied,
    region,
    url: () => url,
  };
  const server = makeServer((incoming, outgoing) => {
    // An unexpected error must not end the process. The client sees that the connection closes.
    handleRequest(context, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await listen(server, port, host);
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  return { url, rules, requests: log, denied, close: () => closeAll(server, store) };
}

async function closeAll(server: Server, store: Store): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
  store.close();
}
