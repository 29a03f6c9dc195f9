import { S3Error } from '../s3-error.ts';

/** What a request is about. The path is not normalized: `..`, `//` and `%2F` are part of a key. */
export interface Target {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  /** The percent-decoded path, which is signed: each character stands for one byte (Latin-1). */
  readonly path: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Percent-decodes text in which each character stands for one byte (Latin-1). A `+` stays a `+`. */
function decodeBytes(text: string): Buffer {
  const decoded = text.replace(/%([0-9a-fA-F]{2})|%/g, (match, hex: string | undefined) => {
    if (hex === undefined) throw new S3Error('InvalidURI', undefined, { details: { URI: text } });
    return match.length === 3 ? String.fromCharCode(Number.parseInt(hex, 16)) : match;
  });
  return Buffer.from(decoded, 'latin1');
}

/**
 * Percent-decodes a part of a request line into text.
 *
 * @throws {S3Error} `InvalidURI` for a bad escape or bytes that are not UTF-8
 */
export function decodePart(text: string): string {
  const bytes = decodeBytes(text);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new S3Error('InvalidURI', undefined, { details: { URI: text } });
  }
}

function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    const value = at < 0 ? '' : pair.slice(at + 1).replaceAll('+', ' ');
    query.set(decodePart(name.replaceAll('+', ' ')), decodePart(value));
  }
  return query;
}

/**
 * Splits the target of a path-style request into bucket, key and query.
 *
 * @param url the request target as Node returns it: each character stands for one byte (Latin-1)
 */
export function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const query = parseQuery(mark < 0 ? '' : url.slice(mark + 1));
  const slash = rawPath.indexOf('/', 1);
  const bucket = decodePart(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
  const key = slash < 0 ? '' : decodePart(rawPath.slice(slash + 1));
  return {
    bucket: bucket === '' ? undefined : bucket,
    key: key === '' ? undefined : key,
    query,
    path: decodeBytes(rawPath).toString('latin1'),
  };
}
