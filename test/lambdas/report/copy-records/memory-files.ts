import { WorkFiles } from '../../../../core/run/run-files.ts';
import { S3Error } from '../../../../core/s3/failures.ts';
import type { ObjectStore, WriteCondition } from '../../../../core/s3/object-store.ts';

const refused = new S3Error(
  'PutObject',
  'work',
  { code: 'PreconditionFailed', status: 412, region: undefined },
  new Error(),
);

/** A folder of the work bucket in memory, which counts what is read of it. */
export class MemoryFiles {
  readonly files: WorkFiles;
  readonly texts = new Map<string, string>();
  /** Paths in the order in which they were read. */
  readonly read: string[] = [];
  /** Milliseconds since 1970 of files that are not of 1970. */
  readonly modified = new Map<string, number>();
  #etags = 0;
  readonly #etagOf = new Map<string, string>();

  constructor(folder = '') {
    const store = {
      get: async ({ key }: { key: string }) => {
        this.read.push(key);
        const text = this.texts.get(key);
        return text === undefined ? undefined : { text, etag: this.#etagOf.get(key) ?? 'first' };
      },
      put: async ({ key }: { key: string }, text: string, { ifMatch, ifAbsent }: WriteCondition) => {
        const etag = this.texts.has(key) ? (this.#etagOf.get(key) ?? 'first') : undefined;
        if (ifAbsent === true && etag !== undefined) throw refused;
        if (ifMatch !== undefined && ifMatch !== etag) throw refused;
        this.#etags += 1;
        this.texts.set(key, text);
        this.#etagOf.set(key, `etag-${this.#etags}`);
        return { etag: `etag-${this.#etags}` };
      },
      list: async (_: string, prefix: string, { after = '' }: { after?: string }) => ({
        objects: [...this.texts.keys()]
          .filter((key) => key.startsWith(prefix) && key > after)
          .sort()
          .map((key) => ({ key, etag: '', size: 0, lastModified: this.modified.get(key) ?? 0 })),
      }),
      deleteMany: async (_: string, objects: readonly { key: string }[]) => {
        for (const { key } of objects) this.texts.delete(key);
        return [];
      },
    };
    this.files = new WorkFiles(store as unknown as ObjectStore, 'work', folder);
  }
}
