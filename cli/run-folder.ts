import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { z } from 'zod';

/** The files that a run keeps in the work bucket, to be read. Paths are below its folder. */
export class RunFolder {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #folder: string;

  constructor(s3: S3Client, bucket: string, run: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#folder = `runs/${run}/`;
  }

  /** Where a file is, for people. */
  locate(path: string): string {
    return `s3://${this.#bucket}/${this.#folder}${path}`;
  }

  /**
   * Reads a JSON file.
   *
   * @returns undefined when there is none (yet)
   */
  async json<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await this.#text(path);
    return text === undefined ? undefined : schema.parse(JSON.parse(text));
  }

  /** The lines of a JSON Lines file; none when it does not exist. */
  async lines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
    const text = (await this.#text(path)) ?? '';
    return parsed(text.split('\n'), schema);
  }

  /** The first lines of a JSON Lines file that is not empty: those that end within the first 64 KiB. */
  async firstLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
    const text = (await this.#text(path, 'bytes=0-65535')) ?? '';
    return parsed(text.slice(0, text.lastIndexOf('\n') + 1).split('\n'), schema);
  }

  /** Paths of all files below a folder. */
  async *list(folder: string): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const page = await this.#s3.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: this.#folder + folder,
          ContinuationToken: token,
        }),
      );
      for (const { Key = '' } of page.Contents ?? []) yield Key.slice(this.#folder.length);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async #text(path: string, range?: string): Promise<string | undefined> {
    const address = { Bucket: this.#bucket, Key: this.#folder + path };
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ ...address, Range: range }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      // An empty file has no first bytes.
      if (range !== undefined && (error as Error).name === 'InvalidRange') return '';
      throw error;
    }
  }
}

const parsed = <T>(lines: readonly string[], schema: z.ZodType<T>): T[] =>
  lines.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
