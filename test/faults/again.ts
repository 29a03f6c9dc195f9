import type { Event, Write } from './events.ts';
import type { Counts } from './fired.ts';
import { buckets } from './scenario.ts';

const isTempFile = (key: string): boolean => /\/parts\/temp-\d{5}$/.test(key);
const isPartFile = (key: string): boolean => /\/parts\/part-\d{5}$/.test(key);
const tempOf = (key: string): string => key.replace(/part-(\d{5})$/, 'temp-$1');

/** What is finished of the parts of an attempt: part files by key, parts of uploads by what they are made of. */
class Finished {
  readonly #files = new Set<string>();
  readonly #parts = new Map<string, Write>();

  /** Whether a copy makes what is there already. */
  has(copy: Write): boolean {
    if (copy.operation !== 'CopyObject' && copy.operation !== 'UploadPartCopy') return false;
    if (isTempFile(copy.key) || isPartFile(copy.key)) return this.#files.has(copy.key);
    return copy.operation === 'UploadPartCopy' && this.#parts.has(partOf(copy));
  }

  add(event: Event): void {
    if (event.is === 'change')
      this.#forget(({ copySource }) => copySource === `${buckets.source}/${event.key}`);
    else if (event.is === 'done') this.#did(event);
  }

  #did(write: Write): void {
    const { operation, key } = write;
    // Whoever does not learn that a part is there may ask for it again.
    if (operation === 'UploadPartCopy' && write.isTold === true) this.#parts.set(partOf(write), write);
    if (operation === 'CopyObject' && isPartFile(key) && write.isTold === true) this.#files.add(key);
    if (operation === 'CompleteMultipartUpload' && isTempFile(key)) this.#replace(key, write.isTold === true);
    if (operation === 'CompleteMultipartUpload' || operation === 'AbortMultipartUpload')
      this.#forget((part) => part.key === key);
    if (operation === 'DeleteObject') this.#files.delete(key);
    // Its keys are not known: any of the files may be gone.
    if (operation === 'DeleteObjects') this.#files.clear();
  }

  /** A new file of the first stage wants a new one of the second. */
  #replace(temp: string, isTold: boolean): void {
    for (const file of this.#files) if (tempOf(file) === temp) this.#files.delete(file);
    if (isTold) this.#files.add(temp);
  }

  #forget(isGone: (part: Write) => boolean): void {
    for (const [name, part] of this.#parts) if (isGone(part)) this.#parts.delete(name);
  }
}

const partOf = ({ key, partNumber, copySource }: Write): string =>
  `${partNumber} of ${key} from ${copySource}`;

/** Steps that copy parts; two of one at the same time know nothing of each other. */
const overlapping =
  /^(twice|time-out|die-during) s3copy-(copy-objects|stage-1|stage-2|copy-parts|finalize-object|open-object)$/;

/**
 * Parts that an attempt copied although it had finished them itself.
 *
 * @param events of this attempt
 * @param fired in this attempt
 */
export function repeated(events: readonly Event[], fired: Counts): string[] {
  if (Object.keys(fired).some((name) => overlapping.test(name))) return [];
  const finished = new Finished();
  const problems: string[] = [];
  for (const event of events) {
    if (event.is === 'asked' && finished.has(event))
      problems.push(`attempt ${event.attempt} copied ${partOf(event)} again, which it had finished`);
    finished.add(event);
  }
  return problems;
}
