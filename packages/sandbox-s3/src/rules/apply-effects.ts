import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, errorDocument } from '../http/answer.ts';
import type { Store } from '../index/store.ts';
import { errorMessage, errorStatus } from '../s3-error.ts';
import { mutate } from './mutate.ts';
import type { FailRule, TruncateRule, When } from './rule.ts';
import type { Effect, RuleBook, RuledRequest } from './rules.ts';

/** What the client gets instead of the real answer: another answer, or a closed connection. */
export type Replacement = { readonly answer: Answer; readonly error: string } | 'reset';

function failure(rule: Pick<FailRule, 'code' | 'status' | 'message' | 'inside'>): Replacement {
  const body = errorDocument(rule.code, rule.message ?? errorMessage(rule.code), {});
  const status = rule.inside === true ? 200 : (rule.status ?? errorStatus(rule.code));
  return { answer: { status, headers: { 'content-type': 'application/xml' }, body }, error: rule.code };
}

/** Applies the effects that come before a request: delays, changes to objects, hooks. */
export async function applyEffectsBefore(
  effects: readonly Effect[],
  request: RuledRequest,
  rules: RuleBook,
  store: Store,
): Promise<void> {
  for (const effect of effects) {
    if (effect.kind === 'latency') await sleep(rules.drawDelay(effect));
    if (effect.kind === 'mutate') await mutate(store, effect);
    if (effect.kind === 'hook' && effect.when === 'before') await effect.hook(request, false);
  }
}

/** Calls the hooks of a request that has taken effect. Even `kill -9` cannot undo that effect. */
export async function applyEffectsAfter(effects: readonly Effect[], request: RuledRequest): Promise<void> {
  const isAnswered = findReplacement(effects, 'after') === undefined && findTruncation(effects) === undefined;
  for (const effect of effects) {
    if (effect.kind === 'hook' && effect.when === 'after') await effect.hook(request, isAnswered);
  }
}

/** Finds what replaces the answer to a request, before or after its effect; undefined for the real answer. */
export function findReplacement(effects: readonly Effect[], when: When): Replacement | undefined {
  for (const effect of effects) {
    if (effect.kind === 'throttle' && when === 'before') return failure({ code: 'SlowDown' });
    if (effect.kind === 'reset' && (effect.when ?? 'before') === when) return 'reset';
    if (effect.kind === 'fail' && (effect.when ?? 'before') === when) return failure(effect);
  }
  return undefined;
}

/** Finds the rule that cuts off the answer, if any. */
export function findTruncation(effects: readonly Effect[]): TruncateRule | undefined {
  return effects.find((effect) => effect.kind === 'truncate');
}

/** Changes the body of an answer as rules say. A body that is not text is not changed. */
export function alterAnswer(effects: readonly Effect[], answer: Answer): Answer {
  let { body } = answer;
  for (const effect of effects) {
    if (effect.kind !== 'alter' || typeof body !== 'string') continue;
    body = body.replace(new RegExp(effect.pattern, 'gu'), effect.with);
  }
  return { ...answer, body };
}

/** Removes the parameters that rules ignore from the query of a request. */
export function withoutIgnoredParameters(
  effects: readonly Effect[],
  query: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const ignored = effects.flatMap((effect) => (effect.kind === 'ignore-parameter' ? [effect.parameter] : []));
  return new Map([...query].filter(([name]) => !ignored.includes(name)));
}

/** Finds how many entries a page can have at most; undefined without a rule about it. */
export function findPageLimit(effects: readonly Effect[]): number | undefined {
  const limits = effects.flatMap((effect) => (effect.kind === 'short-page' ? [effect.entries] : []));
  return limits.length === 0 ? undefined : Math.min(...limits);
}
