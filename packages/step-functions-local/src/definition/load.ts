import type { z } from 'zod';
import { utf8Bytes } from '../json.ts';
import { Quotas } from '../limits.ts';
import { type ExpressionScope, findExpressionObstacle, type StatesPart } from './check-expression.ts';
import { type Graph, type State, WrittenMachine, WrittenState } from './schema.ts';

/** The engine cannot run the definition. The message names the state and the field. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

/** A definition that passed all checks. */
export interface Definition {
  readonly graph: Graph;
  /** The time-out of an execution in seconds. */
  readonly timeoutSeconds: number | undefined;
  /** The JSON text, as DescribeStateMachine shows it. */
  readonly text: string;
}

/**
 * Reads the definition of a state machine. Refuses everything that the engine does not run as AWS does.
 *
 * @throws {DefinitionError}
 */
export function loadDefinition(source: string | object): Definition {
  const text = typeof source === 'string' ? source : JSON.stringify(source);
  if (utf8Bytes(text) > Quotas.definitionBytes) {
    throw new DefinitionError(
      `the definition has ${utf8Bytes(text)} bytes, more than the limit of ${Quotas.definitionBytes}`,
    );
  }
  const written = parsed(WrittenMachine, JSON.parse(text), 'definition');
  const graph = readGraph(written, '', new Set());
  checkNames(graph);
  return { graph, timeoutSeconds: written.TimeoutSeconds, text };
}

function parsed<T extends z.ZodType>(schema: T, value: unknown, place: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DefinitionError(`${place}: ${result.error.issues.map(describeIssue).join('; ')}`);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `field "${[...issue.path, key].join('.')}" is not supported`).join('; ');
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? [];
    return closest
      .map((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }))
      .join('; ');
  }
  if (issue.code === 'invalid_key')
    return `${issue.path.join('.')}: ${issue.issues.map((inner) => inner.message).join('; ')}`;
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}

type Written = z.infer<typeof WrittenState>;

const isDistributed = (state: Written): boolean =>
  state.Type === 'Map' && state.ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED';

interface WrittenGraph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, unknown>>;
}

function readGraph(written: WrittenGraph, place: string, outer: ReadonlySet<string>): Graph {
  const names = Object.keys(written.States);
  const read = names.map(
    (name) => [name, parsed(WrittenState, written.States[name], at(place, name))] as const,
  );
  const assigned = new Set([...outer, ...read.flatMap(([, state]) => assignedNames(state))]);
  const states: Record<string, State> = {};
  for (const [name, state] of read) {
    for (const variable of assignedNames(state).filter((each) => outer.has(each))) {
      throw new DefinitionError(
        `${at(place, name)}: variable "${variable}" is already assigned in an outer scope`,
      );
    }
    checkExpressions(state, at(place, name), assigned);
    states[name] = readInner(state, at(place, name), assigned);
  }
  checkTransitions(written.StartAt, states, place);
  return { startAt: written.StartAt, states };
}

const at = (place: string, name: string) => (place ? `${place} > "${name}"` : `state "${name}"`);

function readInner(state: Written, place: string, assigned: ReadonlySet<string>): State {
  if (state.Type === 'Parallel') {
    const { Branches, ...rest } = state;
    return {
      ...rest,
      branches: Branches.map((branch, index) => readGraph(branch, `${place}[${index}]`, assigned)),
    };
  }
  if (state.Type !== 'Map') return state;
  const { ItemProcessor, ...rest } = state;
  const distributed = isDistributed(state);
  for (const field of [
    'ItemReader',
    'ResultWriter',
    'Label',
    'ToleratedFailurePercentage',
    'ToleratedFailureCount',
  ] as const) {
    if (!distributed && state[field] !== undefined) {
      throw new DefinitionError(`${place}: field "${field}" is allowed only in a Distributed Map`);
    }
  }
  if (state.ItemReader && state.Items !== undefined) {
    throw new DefinitionError(`${place}: use either "Items" or "ItemReader", not both`);
  }
  return {
    ...rest,
    distributed,
    processor: readGraph(ItemProcessor, place, distributed ? new Set() : assigned),
  };
}

function assignedNames(state: Written): string[] {
  const nested = state.Type === 'Choice' ? state.Choices : 'Catch' in state ? state.Catch : [];
  return [state, ...nested].flatMap((part) => Object.keys(('Assign' in part && part.Assign) || {}));
}

function checkTransitions(startAt: string, states: Readonly<Record<string, State>>, place: string): void {
  const targets = [
    startAt,
    ...Object.entries(states).flatMap(([name, state]) => transitions(state, at(place, name))),
  ];
  for (const target of targets) {
    if (!Object.hasOwn(states, target))
      throw new DefinitionError(`${place || 'definition'}: there is no state "${target}"`);
  }
  for (const name of Object.keys(states)) {
    if (!targets.includes(name))
      throw new DefinitionError(`${at(place, name)}: no transition leads to this state`);
  }
  const ends = Object.values(states).some(
    (state) => ['Succeed', 'Fail'].includes(state.Type) || ('End' in state && state.End),
  );
  if (!ends)
    throw new DefinitionError(
      `${place || 'definition'}: no state has "End", and there is no Succeed or Fail state`,
    );
}

function transitions(state: State, place: string): string[] {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  if (state.Type === 'Choice') {
    return [
      ...state.Choices.map((rule) => rule.Next),
      ...(state.Default === undefined ? [] : [state.Default]),
    ];
  }
  if ((state.Next === undefined) === (state.End !== true)) {
    throw new DefinitionError(`${place}: must have either Next or End`);
  }
  const handlers = 'Catch' in state ? [...state.Catch, ...state.Retry] : [];
  for (const { ErrorEquals } of handlers) checkErrorNames(ErrorEquals, place);
  for (const list of 'Catch' in state ? [state.Catch, state.Retry] : []) {
    const all = list.findIndex((each) => each.ErrorEquals.includes('States.ALL'));
    if (all >= 0 && all < list.length - 1)
      throw new DefinitionError(`${place}: the entry with States.ALL must be the last one`);
  }
  return [
    ...(state.Next === undefined ? [] : [state.Next]),
    ...('Catch' in state ? state.Catch : []).map((c) => c.Next),
  ];
}

function checkErrorNames(names: readonly string[], place: string): void {
  if (names.includes('States.ALL') && names.length > 1) {
    throw new DefinitionError(`${place}: States.ALL must be the only name in its ErrorEquals`);
  }
}

/**
 * State names have at most 80 characters. They and the labels of Distributed Maps are unique in the whole machine.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
 */
function checkNames(graph: Graph): void {
  const names = new Set<string>();
  const labels = new Set<string>();
  for (const [name, state] of allStates(graph)) {
    if (name.length > Quotas.nameCharacters)
      throw new DefinitionError(`state name "${name}" has more than ${Quotas.nameCharacters} characters`);
    addUnused(names, name, 'state name');
    if (state.Type === 'Map' && state.Label !== undefined) addUnused(labels, state.Label, 'label');
  }
}

function addUnused(seen: Set<string>, text: string, what: string): void {
  if (seen.has(text)) throw new DefinitionError(`${what} "${text}" is used twice`);
  seen.add(text);
}

function* allStates(graph: Graph): Generator<readonly [string, State]> {
  for (const [name, state] of Object.entries(graph.states)) {
    yield [name, state];
    if (state.Type === 'Parallel') for (const branch of state.branches) yield* allStates(branch);
    if (state.Type === 'Map') yield* allStates(state.processor);
  }
}

/**
 * Refuses the expressions that AWS refuses when a state machine is created.
 *
 * AWS says: "Distributed Map states cannot reference variables in outer scopes". It does not say whether the fields of
 * the Map state itself can, so the engine refuses that too.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
 */
function checkExpressions(written: Written, place: string, assigned: ReadonlySet<string>): void {
  const ofResult: readonly StatesPart[] = ['Task', 'Parallel', 'Map'].includes(written.Type)
    ? ['result']
    : [];
  const hidden = isDistributed(written) ? assigned : new Set<string>();
  for (const [field, value] of Object.entries(written)) {
    if (notEvaluated.has(field)) continue; // text, or graphs whose states are checked one by one
    const parts = field === 'Output' || field === 'Assign' ? ofResult : [];
    checkStrings(value, place, { parts: field === 'Catch' ? ['errorOutput'] : parts, hidden });
  }
}

const notEvaluated: ReadonlySet<string> = new Set(['Comment', 'Branches', 'ItemProcessor']);

function checkStrings(value: unknown, place: string, scope: ExpressionScope): void {
  if (typeof value === 'string') {
    const obstacle = findExpressionObstacle(value, scope);
    if (obstacle !== undefined) throw new DefinitionError(`${place}: ${value} ${obstacle}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) checkStrings(inner, place, scope);
  }
}
