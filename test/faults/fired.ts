import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from 'sandbox-s3/rule';
import type { RuleHandle } from 'sandbox-s3/rules';
import type { FaultRule } from 'step-functions-local/faults';
import type { Change } from './scenario.ts';

/** How often each fault has happened, by its name. */
export type Counts = Readonly<Record<string, number>>;

const fileOf = (folder: string, attempt: number): string => join(folder, `fired-${attempt}.json`);

/** Counts the faults that happen in an attempt, since one that is drawn and never met proves nothing. */
export class Fired {
  readonly #file: string;
  readonly #counts: Record<string, number> = {};
  readonly #handles: { readonly name: string; readonly handle: RuleHandle }[] = [];

  constructor(folder: string, attempt: number) {
    this.#file = fileOf(folder, attempt);
  }

  /** Counts one. */
  add(name: string, hits = 1): void {
    if (hits > 0) this.#counts[name] = (this.#counts[name] ?? 0) + hits;
  }

  /** Counts what a rule of the store hits. */
  watch(name: string, handle: RuleHandle): void {
    this.#handles.push({ name, handle });
  }

  /** Writes the counts, at once: the process may be about to die. */
  end(): void {
    for (const { name, handle } of this.#handles.splice(0)) this.add(name, handle.hits);
    writeFileSync(this.#file, JSON.stringify(this.#counts));
  }
}

/** What happened in an attempt. */
export async function firedIn(folder: string, attempt: number): Promise<Counts> {
  return JSON.parse(await readFile(fileOf(folder, attempt), 'utf8')) as Counts;
}

/** The sum of what happened. */
export function plusCounts(a: Counts, b: Counts): Counts {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** A name without the key that it is about. */
const kindOf = (name: string): string =>
  /^(?:vanish|change|change-again|archive|foreign|revive|deny \S+)(?= )/.exec(name)?.[0] ?? name;

/** The counts as lines for a person: what others do to objects, whichever objects those are. */
export function summaryOf(counts: Counts): string[] {
  let sum: Counts = {};
  for (const [name, count] of Object.entries(counts)) {
    sum = plusCounts(sum, { [kindOf(name)]: count });
  }
  const names = Object.keys(sum).sort();
  return names.map((name) => `happened ${sum[name]} times: ${name}`);
}

/** What a rule of the store is counted as. */
export function nameOfRule(rule: Rule): string {
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

/** What something that others do is counted as. */
export const nameOfChange = ({ kind, key }: Pick<Change, 'kind' | 'key'>): string => `${kind} ${key}`;

/** What a broken invocation is counted as. */
export const nameOfInvocation = ({ function: name, fault }: FaultRule): string => `${fault.kind} ${name}`;
