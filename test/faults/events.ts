import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuledRequest, Rules } from 'sandbox-s3/rules';
import { buckets, type Change } from './scenario.ts';

/** A write to the destination, or a look at it: when the functions ask for it, and again when it has taken effect. */
export interface Write {
  readonly is: 'asked' | 'done';
  readonly attempt: number;
  /** The same for both. */
  readonly id: number;
  readonly operation: string;
  readonly key: string;
  readonly copySource: string;
  readonly partNumber?: number | undefined;
  /** Whoever asked learns that it took effect. */
  readonly isTold?: boolean | undefined;
}

/** Something that somebody else did. */
export interface Done extends Pick<Change, 'kind' | 'key'> {
  readonly is: 'change';
  readonly attempt: number;
}

/** What happened at the store, in the order in which it happened. */
export type Event = Write | Done;

/** The writes, and the look at what they would overwrite. */
const operations = [
  'HeadObject',
  'CopyObject',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'DeleteObject',
  'DeleteObjects',
];

const fileOf = (folder: string): string => join(folder, 'events.jsonl');

/** Writes down what happens, each thing at once: the process may not live to see the next. */
export class Journal {
  readonly #folder: string;
  readonly #attempt: number;
  readonly #ids = new WeakMap<RuledRequest, number>();
  #last = 0;

  constructor(folder: string, attempt: number) {
    this.#folder = folder;
    this.#attempt = attempt;
  }

  /** Notes what the functions ask of the destination. */
  watch(rules: Rules): void {
    const match = { operation: operations, principal: 'local', bucket: buckets.destination };
    rules.hook(match, (request) => {
      this.#last += 1;
      this.#ids.set(request, this.#last);
      this.#note(this.#write('asked', request));
    });
    rules.hook({ ...match, when: 'after' }, (request, isTold) =>
      this.#note({ ...this.#write('done', request), isTold }),
    );
  }

  /** Notes what somebody else did. */
  changed({ kind, key }: Change): void {
    this.#note({ is: 'change', attempt: this.#attempt, kind, key });
  }

  #write(is: Write['is'], request: RuledRequest): Write {
    const { operation, key = '', copySource = '', partNumber } = request;
    const id = this.#ids.get(request) ?? 0;
    return { is, attempt: this.#attempt, id, operation, key, copySource, partNumber };
  }

  #note(event: Event): void {
    appendFileSync(fileOf(this.#folder), `${JSON.stringify(event)}\n`);
  }
}

/** What has happened in all attempts. */
export async function eventsOf(folder: string): Promise<Event[]> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}
