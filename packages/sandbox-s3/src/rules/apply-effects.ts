import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, errorDocument } from '../http/answer.ts';
import type { Store } from '../index/store.ts';
import { errorMessage, errorStatus } from '../s3-error.ts';
import { mutate } from './mutate.ts';
import type { FailRule, TruncateRule, When } from './rule.ts';
import type { Effect, RuleBook, RuledRequest } from './rules.ts';

/** What a rule makes of a request: an answer instead of the true one, or none at all. */
export type Replacement = { readonly answer: Answer; readonly error: string } | 'reset';

function failure(rule: Pick<FailRule, 'code' | 'status' | 'message' | 'inside'>): Replacement {
  const body = errorDocument(rule.code, rule.message ?? errorMessage(rule.code), {});
  const status = rule.inside === true ? 200 : (rule.status ?? errorStatus(rule.code));
  return { answer: { status, headers: { 'content-type': 'application/xml' }, body }, error: rule.code };
}

/** Does what comes before a request: waits, changes by others, hooks. */
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

/** Calls the hooks of a request that has taken effect, which a kill of the process cannot undo any more. */
export async function applyEffectsAfter(effects: readonly Effect[], request: RuledRequest): Promise<void> {
  const isAnswered = findReplacement(effects, 'after') === undefined && findTruncation(effects) === undefined;
  for (const effect of effects) {
    if (effect.kind === 'hook' && effect.when === 'after') await effect.hook(request, isAnswered);
  }
}

/** What replaces the answer to a request, before or after its effect; undefined for the true answer. */
export function findReplacement(effects: readonly Effect[], when: When): Replacement | undefined {
  for (const effect of effects) {
    if (effect.kind === 'throttle' && when === 'before') return failure({ code: 'SlowDown' });
    if (effect.kind === 'reset' && (effect.when ?? 'before') === when) return 'reset';
    if (effect.kind === 'fail' && (effect.when ?? 'before') === when) return failure(effect);
  }
  return undefined;
}

/** The rule that cuts the answer short, if any. */
export function findTruncation(effects: readonly Effect[]): TruncateRule | undefined {
  return effects.find((effect) => effect.kind === 'truncate');
}

/** The answer as rules have it. Only texts are changed. */
export function alterAnswer(effects: readonly Effect[], answer: Answer): Answer {
  let { body } = answer;
  for (const effect of effects) {
    if (effect.kind !== 'alter' || typeof body !== 'string') continue;
    body = body.replace(new RegExp(effect.pattern, 'gu'), effect.with);
  }
  return { ...answer, body };
}

/** The query of a request, without the parameters that rules ignore. */
export function withoutIgnoredParameters(
  effects: readonly Effect[],
  query: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const ignored = effects.flatMap((effect) => (effect.kind === 'ignore-parameter' ? [effect.parameter] : []));
  return new Map([...query].filter(([name]) => !ignored.includes(name)));
}

/** How many entries a page may have at most; undefined when no rule says so. */
export function findPageLimit(effects: readonly Effect[]): number | undefined {
  const limits = effects.flatMap((effect) => (effect.kind === 'short-page' ? [effect.entries] : []));
  return limits.length === 0 ? undefined : Math.min(...limits);
}
