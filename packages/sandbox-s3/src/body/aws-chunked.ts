import { sameSignature, sha256Hex } from '../auth/signature.ts';
import type { VerifiedSignature } from '../auth/verified-signature.ts';
import { S3Error } from '../s3-error.ts';
import { ByteReader } from './byte-reader.ts';

/** How an aws-chunked body is protected. */
export interface ChunkedMode {
  /** Each chunk has a signature that depends on the signature before it. */
  readonly signed: boolean;
  /** Headers follow the last chunk. */
  readonly trailer: boolean;
}

/** Longest line of a chunk header or a trailer, in bytes. */
const maxLineBytes = 16 * 1024;
const emptyHash = sha256Hex('');

const incomplete = (): S3Error => new S3Error('IncompleteBody');

function parseChunkHeader(line: string, signed: boolean): { size: number; signature: string } {
  const [sizeText = '', ...extensions] = line.split(';');
  if (!/^[0-9a-f]{1,12}$/i.test(sizeText)) throw incomplete();
  const signature =
    extensions.find((text) => text.startsWith('chunk-signature='))?.slice('chunk-signature='.length) ?? '';
  if (signed && signature === '') throw new S3Error('SignatureDoesNotMatch');
  return { size: Number.parseInt(sizeText, 16), signature };
}

/** Checks the signatures of the chunks and of the trailer, each of which depends on the one before it. */
class SignatureChain {
  readonly #verified: VerifiedSignature;
  #previous: string;

  constructor(verified: VerifiedSignature) {
    this.#verified = verified;
    this.#previous = verified.signature;
  }

  async #check(kind: string, given: string, lines: readonly string[]): Promise<void> {
    const { date, scope } = this.#verified;
    const expected = await this.#verified.sign([kind, date, scope, this.#previous, ...lines].join('\n'));
    if (!sameSignature(expected, given)) throw new S3Error('SignatureDoesNotMatch');
    this.#previous = expected;
  }

  chunk(data: Buffer, signature: string): Promise<void> {
    return this.#check('AWS4-HMAC-SHA256-PAYLOAD', signature, [emptyHash, sha256Hex(data)]);
  }

  trailer(canonical: string, signature: string): Promise<void> {
    return this.#check('AWS4-HMAC-SHA256-TRAILER', signature, [sha256Hex(canonical)]);
  }
}

async function readTrailers(reader: ByteReader): Promise<Map<string, string>> {
  const trailers = new Map<string, string>();
  for (;;) {
    const line = await reader.line(maxLineBytes, true);
    if (line === '') return trailers;
    const colon = line.indexOf(':');
    if (colon < 1) throw new S3Error('MalformedTrailerError');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

async function checkTrailers(
  trailers: Map<string, string>,
  chain: SignatureChain | undefined,
): Promise<void> {
  const signature = trailers.get('x-amz-trailer-signature');
  trailers.delete('x-amz-trailer-signature');
  if (chain === undefined) return;
  const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join('');
  await chain.trailer(canonical, signature ?? '');
}

/**
 * Decodes an aws-chunked body.
 *
 * A signed chunk is kept in memory until its signature is checked. Clients send chunks of about 64 KiB; a chunk of more
 * than 16 MiB is refused.
 *
 * @param onTrailers called with the trailing headers when the body ends
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html (read 2026-11-22)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html (read 2026-11-22)
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  mode: ChunkedMode,
  verified: VerifiedSignature | undefined,
  onTrailers: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new ByteReader(source, incomplete);
  const chain = mode.signed && verified !== undefined ? new SignatureChain(verified) : undefined;
  for (;;) {
    const { size, signature } = parseChunkHeader(await reader.line(maxLineBytes), mode.signed);
    if (chain !== undefined) {
      const data = await reader.exactly(size);
      await chain.chunk(data, signature);
      if (size > 0) yield data;
    } else yield* reader.upTo(size);
    if (size === 0) break;
    if ((await reader.line(2)) !== '') throw incomplete();
  }
  const trailers = await readTrailers(reader);
  if (mode.trailer) await checkTrailers(trailers, chain);
  onTrailers(trailers);
}
