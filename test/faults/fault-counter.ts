import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from 'sandbox-s3/rule';
import type { RuleHandle } from 'sandbox-s3/rules';
import type { FaultRule } from 'step-functions-local/faults';
import type { Change } from './scenario.ts';

/** How often each fault happened, by its name. */
export type Counts = Readonly<Record<string, number>>;

const filePath = (folder: string, attempt: number): string => join(folder, `fired-${attempt}.json`);

/** Counts the faults that happen in an attempt. A drawn fault that never happens proves nothing. */
export class FaultCounter {
  readonly #file: string;
  readonly #counts: Record<string, number> = {};
  readonly #handles: { readonly name: string; readonly handle: RuleHandle }[] = [];

  constructor(folder: string, attempt: number) {
    this.#file = filePath(folder, attempt);
  }

  /** Counts a fault. */
  add(name: string, hits = 1): void {
    if (hits > 0) this.#counts[name] = (this.#counts[name] ?? 0) + hits;
  }

  /** Counts how often a rule of the store applies. */
  watch(name: string, handle: RuleHandle): void {
    this.#handles.push({ name, handle });
  }

  /** Writes the counts synchronously, because the process may be killed next. */
  end(): void {
    for (const { name, handle } of this.#handles.splice(0)) this.add(name, handle.hits);
    writeFileSync(this.#file, JSON.stringify(this.#counts));
  }
}

/** Reads the faults that happened in an attempt. */
export async function readFired(folder: string, attempt: number): Promise<Counts> {
  return JSON.parse(await readFile(filePath(folder, attempt), 'utf8')) as Counts;
}

/** Adds counts. */
export function addCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Returns the name of a fault without the key of its object. */
const withoutKey = (name: string): string =>
  /^(?:vanish|change|change-again|archive|foreign|revive|deny \S+)(?= )/.exec(name)?.[0] ?? name;

/** Patterns for the names of faults, and texts for people. */
const texts: readonly (readonly [RegExp, string])[] = [
  [/^kill$/, 'the process was killed'],
  [/^latency$/, 'a response was delayed'],
  [/^short-page$/, 'a listing returned a short page'],
  [/^truncate$/, 'the response to a read was truncated'],
  [/^truncate copies$/, 'the response to a copy was truncated'],
  [/^reset (before|after) (.+)$/, 'the connection was reset $1 $2 had its effect'],
  [/^(\S+) in a burst$/, '$1 for several requests in a row'],
  [/^(\S+) inside a 200 of (.+)$/, '$1 in the body of a 200 response to $2'],
  [/^(\S+) (before|after) of (.+)$/, '$1 $2 $3 had its effect'],
  [/^SlowDown above a rate per (.+)$/, 'SlowDown above a number of requests per second and $1'],
  [/^deny (\S+)$/, '$1 was denied'],
  [/^vanish$/, 'another client deleted a source object'],
  [/^change$/, 'another client changed a source object'],
  [/^change-again$/, 'another client changed a source object a second time'],
  [/^archive$/, 'another client archived a source object'],
  [/^foreign$/, 'another client wrote a destination object'],
  [/^revive$/, 'another client wrote a key that was about to be deleted'],
  [/^die-before (.+)$/, '$1 died before its work'],
  [/^die-during (.+)$/, '$1 died during its work'],
  [/^die-after (.+)$/, '$1 died after its work'],
  [/^time-out (.+)$/, '$1 timed out, and its invocation continued'],
  [/^twice (.+)$/, '$1 ran twice at the same time'],
  [/^throttle (.+)$/, '$1 was throttled'],
];

/** Describes a fault for people. */
function describeFault(name: string): string {
  const [pattern, text] = texts.find(([each]) => each.test(name)) ?? [name, name];
  return name.replace(pattern, text);
}

/** Formats the counts as lines, without the keys of objects. */
export function summarize(counts: Counts): string[] {
  let sum: Counts = {};
  for (const [name, count] of Object.entries(counts)) {
    sum = addCounts(sum, { [describeFault(withoutKey(name))]: count });
  }
  const lines = Object.keys(sum).sort();
  return lines.map((text) => `${String(sum[text]).padStart(6)} × ${text}`);
}

/** The name under which a rule of the store is counted. */
export function nameRule(rule: Rule): string {
  switch (rule.kind) {
    case 'deny':
      return `deny ${rule.action} ${rule.key}`;
    case 'fail':
      if (rule.operation === undefined) return `${rule.code} in a burst`;
      return `${rule.code} ${rule.inside === true ? 'inside a 200' : rule.when} of ${rule.operation}`;
    case 'reset':
      return `reset ${rule.when} ${rule.operation}`;
    case 'throttle':
      return `SlowDown above a rate per ${rule.per ?? 'bucket'}`;
    case 'truncate':
      return rule.operation?.includes('CopyObject') === true ? 'truncate copies' : 'truncate';
    default:
      return rule.kind;
  }
}

/** The name under which a change by another client is counted. */
export const nameChange = ({ kind, key }: Pick<Change, 'kind' | 'key'>): string => `${kind} ${key}`;

/** The name under which a fault of an invocation is counted. */
export const nameInvocation = ({ function: name, fault }: FaultRule): string => `${fault.kind} ${name}`;
