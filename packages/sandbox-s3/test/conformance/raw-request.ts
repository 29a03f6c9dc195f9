import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';

/** A request that is signed and sent without a client library. */
export interface RawRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  /** Percent-encoded and sorted, without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Value of `x-amz-content-sha256`. @default UNSIGNED-PAYLOAD */
  readonly payloadHash?: string;
  /** Signs with another secret key. */
  readonly secret?: string;
  readonly accessKeyId?: string;
  /** Whether the host is not signed. */
  readonly unsignedHost?: boolean;
}

/** An answer, unchanged. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The signature of a request, and what is needed to sign the chunks of its body. */
export interface Signed {
  readonly key: Buffer;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
  readonly headers: Record<string, string>;
}

interface Target {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Signs a request with Signature Version 4. It does not use the library that the store uses, so that one checks the other. */
export function sign(target: Target, request: RawRequest): Signed {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const payloadHash = request.payloadHash ?? 'UNSIGNED-PAYLOAD';
  const headers: Record<string, string> = {
    ...request.headers,
    host: new URL(target.endpoint).host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': date,
  };
  const names = Object.keys(headers)
    .filter((name) => request.unsignedHost !== true || name !== 'host')
    .sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [
    request.method,
    request.path,
    request.query ?? '',
    lines,
    names.join(';'),
    payloadHash,
  ].join('\n');
  const secret = `AWS4${request.secret ?? target.secretAccessKey}`;
  const key = [date.slice(0, 8), 'us-east-1', 's3', 'aws4_request'].reduce<Buffer | string>(
    hmac,
    secret,
  ) as Buffer;
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const credential = `${request.accessKeyId ?? target.accessKeyId}/${scope}`;
  headers['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { key, scope, date, signature, headers };
}

/** Signs and sends a request. */
export function sendRaw(target: Target, request: RawRequest): Promise<RawResponse> {
  return sendSigned(target, request, sign(target, request), request.body);
}

/** Sends a request that is already signed. */
export function sendSigned(
  target: Target,
  request: RawRequest,
  signed: Signed,
  body: string | Buffer | undefined,
): Promise<RawResponse> {
  const { hostname, port } = new URL(target.endpoint);
  const path = request.query === undefined ? request.path : `${request.path}?${request.query}`;
  const headers = {
    ...signed.headers,
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, method: request.method, path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
