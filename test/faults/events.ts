import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RuledRequest, Rules } from 'sandbox-s3/rules';
import { buckets, type Change } from './scenario.ts';

/** A request of the functions to the destination: one event when it arrives, and one when it is done. */
export interface RequestEvent {
  readonly kind: 'asked' | 'done';
  readonly attempt: number;
  /** The same for both events. */
  readonly id: number;
  readonly operation: string;
  readonly key: string;
  readonly copySource: string;
  readonly partNumber?: number | undefined;
  /** Whether the client gets the response. */
  readonly isAnswered?: boolean | undefined;
}

/** A change by another client. */
export interface ChangeEvent {
  readonly kind: 'change';
  readonly attempt: number;
  readonly change: Change['kind'];
  readonly key: string;
}

/** An event at the store. Events are in the order in which they happened. */
export type Event = RequestEvent | ChangeEvent;

/** The operations that write, and the one that checks what they would overwrite. */
const operations = [
  'HeadObject',
  'CopyObject',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'AbortMultipartUpload',
  'DeleteObject',
  'DeleteObjects',
];

const filePath = (folder: string): string => join(folder, 'events.jsonl');

/** Records events in a file, each of them at once, because the process may be killed. */
export class Journal {
  readonly #folder: string;
  readonly #attempt: number;
  readonly #ids = new WeakMap<RuledRequest, number>();
  #last = 0;

  constructor(folder: string, attempt: number) {
    this.#folder = folder;
    this.#attempt = attempt;
  }

  /** Records the requests of the functions to the destination. */
  watch(rules: Rules): void {
    const match = { operation: operations, principal: 'local', bucket: buckets.destination };
    rules.hook(match, (request) => {
      this.#last += 1;
      this.#ids.set(request, this.#last);
      this.#note(this.#describe('asked', request));
    });
    rules.hook({ ...match, when: 'after' }, (request, isAnswered) =>
      this.#note({ ...this.#describe('done', request), isAnswered }),
    );
  }

  /** Records a change by another client. */
  changed({ kind, key }: Change): void {
    this.#note({ kind: 'change', attempt: this.#attempt, change: kind, key });
  }

  #describe(kind: RequestEvent['kind'], request: RuledRequest): RequestEvent {
    const { operation, key = '', copySource = '', partNumber } = request;
    const id = this.#ids.get(request) ?? 0;
    return { kind, attempt: this.#attempt, id, operation, key, copySource, partNumber };
  }

  #note(event: Event): void {
    appendFileSync(filePath(this.#folder), `${JSON.stringify(event)}\n`);
  }
}

/** Reads the events of all attempts. */
export async function readEvents(folder: string): Promise<Event[]> {
  const text = await readFile(filePath(folder), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}
