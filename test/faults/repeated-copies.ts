import type { Event, RequestEvent } from './events.ts';
import type { Counts } from './fault-counter.ts';
import { buckets } from './scenario.ts';

const isTempFile = (key: string): boolean => /\/parts\/temp-\d{5}$/.test(key);
const isPartFile = (key: string): boolean => /\/parts\/part-\d{5}$/.test(key);
const toTempFile = (key: string): string => key.replace(/part-(\d{5})$/, 'temp-$1');

/** The parts that an attempt has finished: part files by key, parts of uploads by number, key and copy source. */
class Finished {
  readonly #files = new Set<string>();
  readonly #parts = new Map<string, RequestEvent>();

  /** Whether the result of a copy already exists. */
  has(copy: RequestEvent): boolean {
    if (copy.operation !== 'CopyObject' && copy.operation !== 'UploadPartCopy') return false;
    if (isTempFile(copy.key) || isPartFile(copy.key)) return this.#files.has(copy.key);
    return copy.operation === 'UploadPartCopy' && this.#parts.has(describePart(copy));
  }

  add(event: Event): void {
    if (event.kind === 'change')
      this.#forget(({ copySource }) => copySource === `${buckets.source}/${event.key}`);
    else if (event.kind === 'done') this.#addRequest(event);
  }

  #addRequest(write: RequestEvent): void {
    const { operation, key } = write;
    // A function that got no answer may copy the part again.
    if (operation === 'UploadPartCopy' && write.isAnswered === true)
      this.#parts.set(describePart(write), write);
    if (operation === 'CopyObject' && isPartFile(key) && write.isAnswered === true) this.#files.add(key);
    if (operation === 'CompleteMultipartUpload' && isTempFile(key))
      this.#replace(key, write.isAnswered === true);
    if (operation === 'CompleteMultipartUpload' || operation === 'AbortMultipartUpload')
      this.#forget((part) => part.key === key);
    if (operation === 'DeleteObject') this.#files.delete(key);
    // The keys are not known, so each of the files may be deleted.
    if (operation === 'DeleteObjects') this.#files.clear();
  }

  /** A new temp file makes its part file useless. */
  #replace(temp: string, isAnswered: boolean): void {
    for (const file of this.#files) if (toTempFile(file) === temp) this.#files.delete(file);
    if (isAnswered) this.#files.add(temp);
  }

  #forget(isGone: (part: RequestEvent) => boolean): void {
    for (const [name, part] of this.#parts) if (isGone(part)) this.#parts.delete(name);
  }
}

const describePart = ({ key, partNumber, copySource }: RequestEvent): string =>
  `part ${partNumber} of ${key} from ${copySource}`;

/** Faults after which two invocations of a step that copies parts can overlap. Neither knows what the other copies. */
const overlapping =
  /^(twice|time-out|die-during) s3copy-(copy-objects|make-temp-files|make-part-files|copy-parts|finalize-object|open-object)$/;

/**
 * Finds parts that an attempt copied again after it had finished them.
 *
 * @param events the events of this attempt
 * @param fired the faults of this attempt
 */
export function findRepeatedCopies(events: readonly Event[], fired: Counts): string[] {
  if (Object.keys(fired).some((name) => overlapping.test(name))) return [];
  const finished = new Finished();
  const problems: string[] = [];
  for (const event of events) {
    if (event.kind === 'asked' && finished.has(event))
      problems.push(`attempt ${event.attempt} copied ${describePart(event)} again after finishing it`);
    finished.add(event);
  }
  return problems;
}
