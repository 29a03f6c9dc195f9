import type { Readable } from 'node:stream';
import type { S3Error } from '../s3-error.ts';
import { document, element, type Markup, type XmlContent } from './xml-writer.ts';

/** The answer to a request. Headers that are undefined are not sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: string | Buffer | Readable | undefined;
}

/** An answer with status 200 and an XML document. */
export function xmlAnswer(root: string, content: XmlContent, headers: Answer['headers'] = {}): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body: document(root, content),
  };
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Answer['headers'] = {}): Answer {
  return { status, headers };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these characters must be replaced
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * The error document of S3, which has no namespace. It can contain text that the client sent. Characters that XML 1.0
 * cannot contain are replaced, so that every XML parser can read it.
 */
export function errorDocument(
  code: string,
  message: string,
  details: Readonly<Record<string, string | number | undefined>>,
): string {
  const readable = (value: string) => value.replace(notInXml, '\ufffd').toWellFormed();
  const children: (Markup | undefined)[] = [element('Code', code), element('Message', readable(message))];
  for (const [name, value] of Object.entries(details)) {
    children.push(element(name, typeof value === 'string' ? readable(value) : value));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', children)?.xml ?? ''}`;
}

/** The answer to a request that failed. */
export function errorAnswer(error: S3Error, ids: Readonly<Record<string, string | undefined>>): Answer {
  const headers = {
    ...(error.status === 304 ? {} : { 'content-type': 'application/xml' }),
    ...error.headers,
  };
  if (error.status === 304) return { status: 304, headers };
  return {
    status: error.status,
    headers,
    body: errorDocument(error.code, error.message, { ...error.details, ...ids }),
  };
}

/** An ETag in double quotes, as S3 sends it. */
export function quoted(etag: string): string {
  return `"${etag}"`;
}

/** A date as S3 writes it in documents: ISO 8601. */
export function isoDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A date as S3 writes it in headers. */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}
