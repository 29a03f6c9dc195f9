import type { Arguments } from './arguments.ts';
import { flags } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Copies in flight in one worker when `-t` decides. */
const perWorker = 40;

/**
 * Makes the request of a command line: the JSON that an execution gets as its input.
 *
 * It is as the user gave it: the request's own schema finds what is wrong in it.
 *
 * @throws {UsageError} when the words or `-t` make no sense
 */
export function requestOf({ words, given }: Pick<Arguments, 'words' | 'given'>): Record<string, unknown> {
  const [src, dest, ...others] = words;
  if (src === undefined) {
    throw new UsageError(
      'the source is missing: s3copy s3://bucket/path s3://bucket/path; see s3copy --help',
    );
  }
  if (others.length > 0) throw new UsageError(strayText(words, given));
  const request: Record<string, unknown> = { src, ...(dest === undefined ? {} : { dest }) };
  for (const { name, field, isNumber } of flags) {
    const value = given.get(name);
    if (field === undefined || value === undefined) continue;
    put(request, field.split('.'), isNumber === true ? numberOf(value) : value);
  }
  return { ...request, ...threadsOf(given) };
}

/** Which of too many words is meant by no other. */
function strayText(words: readonly string[], given: Arguments['given']): string {
  const unexpected = words.find((word) => !word.startsWith('s3://')) ?? words[2];
  if (unexpected === 'requester' && given.get('request-payer') === true)
    return '--request-payer takes no value: leave "requester" out';
  return `unexpected word ${JSON.stringify(unexpected)}: give one source and one destination`;
}

/** Text that is not a number stays text, which the schema then refuses. */
function numberOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function put(target: Record<string, unknown>, [step, ...rest]: readonly string[], value: unknown): void {
  if (step === undefined) return;
  if (rest.length === 0) {
    target[step] = value;
    return;
  }
  const inner = (target[step] ?? {}) as Record<string, unknown>;
  target[step] = inner;
  put(inner, rest, value);
}

/** `-t N` is the total in flight for simple objects, over workers of at most 40 each. */
function threadsOf(given: Arguments['given']): Record<string, number> {
  const text = given.get('threads');
  if (text === undefined) return {};
  if (given.has('workers') || given.has('concurrency')) {
    throw new UsageError('-t cannot be combined with --workers or --concurrency, which it stands for');
  }
  const total = numberOf(text);
  if (typeof total !== 'number' || !Number.isInteger(total) || total < 1) {
    throw new UsageError(`-t: ${JSON.stringify(text)} must be a whole number of at least 1`);
  }
  const workers = Math.ceil(total / perWorker);
  return { workers, concurrency: Math.ceil(total / workers) };
}
