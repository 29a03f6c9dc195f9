import { makeMatcher } from './match.ts';
import type {
  ConditionValues,
  DenyRule,
  Exemption,
  FaultRule,
  Frequency,
  LatencyRule,
  Match,
  Rule,
  ThrottleRule,
  When,
} from './rule.ts';

/** A request as rules and hooks see it. */
export interface RuledRequest {
  readonly operation: string;
  readonly principal: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The source of a copy as `bucket/key`, decoded. */
  readonly copySource: string | undefined;
  /** Number of the part that the request writes or reads. */
  readonly partNumber: number | undefined;
}

/**
 * A function that the store calls in its own process. The request waits for it.
 *
 * @param request the same JavaScript object before and after the effect of the request
 * @param isAnswered whether the client will get the real and complete answer; always false before the effect
 */
export type Hook = (request: RuledRequest, isAnswered: boolean) => void | Promise<void>;

/** When a hook is called: before the request takes effect, or after that but before the answer. */
export interface Moment {
  /** `after` is not called for a request that is refused, because it has no effect. @default before */
  readonly when?: When | undefined;
}

/** A rule that was added to a store. */
export interface RuleHandle {
  /** Number of requests that the rule was applied to. */
  readonly hits: number;
  /** Removes the rule. */
  remove(): void;
}

/** The rules of a store. They can be added and removed while it runs. */
export interface Rules {
  /** Adds a rule. */
  add(rule: Rule): RuleHandle;
  /** Calls a function for each matching request. */
  hook(match: Match & Frequency & Moment, hook: Hook): RuleHandle;
  /** Removes all rules and hooks. */
  clear(): void;
}

/** What happens to a request because of a rule or a hook. */
export type Effect = FaultRule | { readonly kind: 'hook'; readonly when: When; readonly hook: Hook };

class Entry implements RuleHandle {
  readonly effect: Effect;
  hits = 0;
  #seen = 0;
  readonly #matches: (request: RuledRequest) => boolean;
  readonly #frequency: Frequency;
  readonly #remove: (entry: Entry) => void;

  constructor(effect: Effect, match: Match, frequency: Frequency, remove: (entry: Entry) => void) {
    const [operation, principal, bucket] = [
      makeMatcher(match.operation),
      makeMatcher(match.principal),
      makeMatcher(match.bucket),
    ];
    const [key, copySource] = [makeMatcher(match.key), makeMatcher(match.copySource)];
    this.effect = effect;
    this.#frequency = frequency;
    this.#remove = remove;
    this.#matches = (request) =>
      operation(request.operation) &&
      principal(request.principal) &&
      bucket(request.bucket) &&
      key(request.key) &&
      copySource(request.copySource);
  }

  /** Decides whether the rule is applied to a request, and counts it. */
  hit(request: RuledRequest, random: () => number): boolean {
    const { times = Number.POSITIVE_INFINITY, skip = 0, probability = 1 } = this.#frequency;
    if (this.hits >= times || !this.#matches(request)) return false;
    if (this.#seen++ < skip) return false;
    if (probability < 1 && random() >= probability) return false;
    this.hits++;
    return true;
  }

  remove(): void {
    this.#remove(this);
  }
}

/** An action that a principal wants to do. */
export interface RequestedAction {
  readonly action: string;
  readonly principal: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly conditionValues?: ConditionValues | undefined;
}

class Denial implements RuleHandle {
  hits = 0;
  readonly #remove: (denial: Denial) => void;
  readonly #matches: (requested: RequestedAction) => boolean;

  constructor(rule: DenyRule, remove: (denial: Denial) => void) {
    const [action, principal] = [makeMatcher(rule.action), makeMatcher(rule.principal)];
    const [bucket, key] = [makeMatcher(rule.bucket), makeMatcher(rule.key)];
    const passes = makeExemption(rule.unless);
    this.#remove = remove;
    this.#matches = (requested) =>
      action(requested.action) &&
      principal(requested.principal) &&
      bucket(requested.bucket) &&
      key(requested.key) &&
      !passes({ ...requested.conditionValues, key: requested.key });
  }

  denies(requested: RequestedAction): boolean {
    const denied = this.#matches(requested);
    if (denied) this.hits++;
    return denied;
  }

  remove(): void {
    this.#remove(this);
  }
}

/** Makes a function that tests whether a request is exempt from a denial. Without an exemption, no request is. */
function makeExemption(
  unless: Exemption | undefined,
): (found: ConditionValues & Pick<RequestedAction, 'key'>) => boolean {
  if (unless === undefined) return () => false;
  const [prefix, externalId] = [makeMatcher(unless.prefix), makeMatcher(unless.externalId)];
  const key = makeMatcher(unless.key);
  return (found) => prefix(found.prefix) && externalId(found.externalId) && key(found.key);
}

/** Token buckets: one for each bucket or prefix that has a rate. */
class TokenBuckets {
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  take(name: string, perSecond: number): boolean {
    const now = performance.now();
    const level = this.#levels.get(name) ?? { tokens: perSecond, at: now };
    const tokens = Math.min(perSecond, level.tokens + ((now - level.at) / 1000) * perSecond);
    const enough = tokens >= 1;
    this.#levels.set(name, { tokens: enough ? tokens - 1 : tokens, at: now });
    return enough;
  }
}

/**
 * Makes a generator of numbers from 0 to 1 that depend only on a seed (mulberry32).
 *
 * @see https://github.com/bryc/code/blob/master/jshash/PRNGs.md#mulberry32 (read 2026-11-22)
 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stores the rules, and decides which of them apply to a request. */
export class RuleBook implements Rules {
  readonly #entries = new Set<Entry>();
  readonly #denials = new Set<Denial>();
  readonly #random: () => number;
  readonly #rates = new Map<ThrottleRule, TokenBuckets>();

  constructor(rules: readonly Rule[], seed: number) {
    this.#random = randomFrom(seed);
    for (const rule of rules) this.add(rule);
  }

  add(rule: Rule): RuleHandle {
    if (rule.kind !== 'deny') return this.#addEntry(rule, rule, rule.kind === 'throttle' ? {} : rule);
    const denial = new Denial(rule, (gone) => this.#denials.delete(gone));
    this.#denials.add(denial);
    return denial;
  }

  hook(match: Match & Frequency & Moment, hook: Hook): RuleHandle {
    return this.#addEntry({ kind: 'hook', when: match.when ?? 'before', hook }, match, match);
  }

  #addEntry(effect: Effect, match: Match, frequency: Frequency): RuleHandle {
    const entry = new Entry(effect, match, frequency, (gone) => this.#entries.delete(gone));
    this.#entries.add(entry);
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#denials.clear();
    this.#rates.clear();
  }

  /** Decides what happens to a request, and counts it. Effects are in the order in which the rules were added. */
  chooseEffects(request: RuledRequest): Effect[] {
    if (this.#entries.size === 0) return [];
    const hit = [...this.#entries].filter((entry) => this.#hits(entry, request));
    return hit.map((entry) => entry.effect);
  }

  #hits(entry: Entry, request: RuledRequest): boolean {
    if (!entry.hit(request, this.#random)) return false;
    if (entry.effect.kind !== 'throttle' || this.#isAboveRate(entry.effect, request)) return true;
    entry.hits--;
    return false;
  }

  #isAboveRate(rule: ThrottleRule, { bucket = '', key = '' }: RuledRequest): boolean {
    const buckets = this.#rates.get(rule) ?? new TokenBuckets();
    this.#rates.set(rule, buckets);
    const folder = rule.per === 'folder' ? key.slice(0, key.lastIndexOf('/') + 1) : '';
    return !buckets.take(`${bucket}/${folder}`, rule.requestsPerSecond);
  }

  /** Whether a rule denies an action. */
  denies(requested: RequestedAction): boolean {
    for (const denial of this.#denials) if (denial.denies(requested)) return true;
    return false;
  }

  /** Draws how long a latency rule delays a request, in milliseconds. */
  drawDelay(rule: LatencyRule): number {
    return rule.milliseconds + this.#random() * (rule.spread ?? 0);
  }
}
