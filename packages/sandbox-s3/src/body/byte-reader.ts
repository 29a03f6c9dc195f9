import { S3Error } from '../s3-error.ts';

/** Bytes that are kept in memory at most. */
const maxHeldBytes = 16 * 1024 * 1024;

/** Reads lines and byte counts from a stream of buffers. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #onEnd: () => Error;
  #rest: Buffer = Buffer.alloc(0);

  /** @param onEnd creates the error for a stream that ends too early */
  constructor(source: AsyncIterable<Buffer>, onEnd: () => Error) {
    this.#source = source[Symbol.asyncIterator]();
    this.#onEnd = onEnd;
  }

  async #fill(): Promise<boolean> {
    const { value, done } = await this.#source.next();
    if (done === true) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }

  /**
   * Reads the next line, without its line end (CRLF or LF).
   *
   * @param endAllowed whether the end of the stream counts as an empty line
   */
  async line(maxBytes: number, endAllowed = false): Promise<string> {
    for (;;) {
      const at = this.#rest.indexOf(10);
      if (at >= 0) return this.#takeLine(at);
      if (this.#rest.length > maxBytes)
        throw new S3Error('InvalidRequest', `the body contains a line of more than ${maxBytes} bytes`);
      if (!(await this.#fill())) {
        if (endAllowed && this.#rest.length === 0) return '';
        throw this.#onEnd();
      }
    }
  }

  #takeLine(at: number): string {
    const line = this.#rest.toString('latin1', 0, at);
    this.#rest = this.#rest.subarray(at + 1);
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  /** Reads exactly this many bytes into one buffer. */
  async exactly(size: number): Promise<Buffer> {
    if (size > maxHeldBytes)
      throw new S3Error(
        'InvalidRequest',
        `a signed chunk of ${size} bytes is too large: the limit is ${maxHeldBytes} bytes`,
      );
    const pieces: Buffer[] = [];
    for await (const piece of this.upTo(size)) pieces.push(piece);
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  /** Reads exactly this many bytes, in the buffers in which they arrive. */
  async *upTo(size: number): AsyncGenerator<Buffer, void, undefined> {
    for (let left = size; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw this.#onEnd();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }
}
