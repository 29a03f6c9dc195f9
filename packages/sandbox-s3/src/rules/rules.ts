import { randomFrom } from './random.ts';
import {
  type Circumstances,
  type DenyRule,
  type Exemption,
  type FaultRule,
  type Frequency,
  type LatencyRule,
  type Match,
  matcherOf,
  type Rule,
  type ThrottleRule,
  type When,
} from './rule.ts';

/** A request as rules and hooks see it. */
export interface RuledRequest {
  readonly operation: string;
  readonly principal: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** `bucket/key`, decoded. */
  readonly copySource: string | undefined;
  /** Number of the part that it makes or reads. */
  readonly partNumber: number | undefined;
}

/**
 * Called in the process of the store; the request waits for it.
 *
 * @param request the same object before and after its effect
 * @param isTold after the effect: whether the client learns the true and whole answer
 */
export type Hook = (request: RuledRequest, isTold: boolean) => void | Promise<void>;

/** When a hook is called: as the request arrives, or when it has taken effect and is not answered yet. */
export interface Moment {
  /** A request that is refused takes no effect. @default before */
  readonly when?: When | undefined;
}

/** A rule in force. */
export interface RuleHandle {
  /** Requests it has hit. */
  readonly hits: number;
  /** Takes it back. */
  remove(): void;
}

/** The rules of a store; all can be added and removed while it runs. */
export interface Rules {
  /** Puts a rule in force. */
  add(rule: Rule): RuleHandle;
  /** Runs a function at a moment of each matching request. */
  hook(match: Match & Frequency & Moment, hook: Hook): RuleHandle;
  /** Takes back all rules and hooks. */
  clear(): void;
}

/** What is going to happen to one request. */
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
      matcherOf(match.operation),
      matcherOf(match.principal),
      matcherOf(match.bucket),
    ];
    const [key, copySource] = [matcherOf(match.key), matcherOf(match.copySource)];
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

  /** Whether the rule hits this request; counts it. */
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

/** An action that somebody asks to be allowed. */
export interface Asked {
  readonly action: string;
  readonly principal: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly circumstances?: Circumstances | undefined;
}

class Denial implements RuleHandle {
  hits = 0;
  readonly #remove: (denial: Denial) => void;
  readonly #matches: (asked: Asked) => boolean;

  constructor(rule: DenyRule, remove: (denial: Denial) => void) {
    const [action, principal] = [matcherOf(rule.action), matcherOf(rule.principal)];
    const [bucket, key] = [matcherOf(rule.bucket), matcherOf(rule.key)];
    const passes = exemptionOf(rule.unless);
    this.#remove = remove;
    this.#matches = (asked) =>
      action(asked.action) &&
      principal(asked.principal) &&
      bucket(asked.bucket) &&
      key(asked.key) &&
      !passes({ ...asked.circumstances, key: asked.key });
  }

  denies(asked: Asked): boolean {
    const denied = this.#matches(asked);
    if (denied) this.hits++;
    return denied;
  }

  remove(): void {
    this.#remove(this);
  }
}

/** A test for what a denial lets pass; without any exemption that is nothing. */
function exemptionOf(unless: Exemption | undefined): (found: Circumstances & Pick<Asked, 'key'>) => boolean {
  if (unless === undefined) return () => false;
  const [prefix, externalId] = [matcherOf(unless.prefix), matcherOf(unless.externalId)];
  const key = matcherOf(unless.key);
  return (found) => prefix(found.prefix) && externalId(found.externalId) && key(found.key);
}

/** A bucket of tokens for each thing that has a rate. */
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

/** Holds the rules and tells what they do to a request. */
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
    if (rule.kind !== 'deny') return this.#enter(rule, rule, rule.kind === 'throttle' ? {} : rule);
    const denial = new Denial(rule, (gone) => this.#denials.delete(gone));
    this.#denials.add(denial);
    return denial;
  }

  hook(match: Match & Frequency & Moment, hook: Hook): RuleHandle {
    return this.#enter({ kind: 'hook', when: match.when ?? 'before', hook }, match, match);
  }

  #enter(effect: Effect, match: Match, frequency: Frequency): RuleHandle {
    const entry = new Entry(effect, match, frequency, (gone) => this.#entries.delete(gone));
    this.#entries.add(entry);
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#denials.clear();
    this.#rates.clear();
  }

  /** What happens to a request, in the order in which the rules were added. */
  effectsOn(request: RuledRequest): Effect[] {
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

  /** Whether a rule forbids an action. */
  denies(asked: Asked): boolean {
    for (const denial of this.#denials) if (denial.denies(asked)) return true;
    return false;
  }

  /** How long a latency rule makes a request wait, in milliseconds. */
  delayOf(rule: LatencyRule): number {
    return rule.milliseconds + this.#random() * (rule.spread ?? 0);
  }
}
