import type { Template } from 'aws-cdk-lib/assertions';
import { flat, resourcesOf } from './synthesized.ts';

/** A state of the Amazon States Language, with the fields that tests look at. */
export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Items?: string;
  readonly ItemSelector?: Readonly<Record<string, unknown>>;
  readonly Label?: string;
  readonly Choices?: readonly {
    readonly Condition: string;
    readonly Next: string;
    readonly Output?: unknown;
  }[];
  readonly MaxConcurrency?: number | string;
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly Retrier[];
  readonly TimeoutSeconds?: number;
  readonly Arguments?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, unknown>> };
  readonly Branches?: readonly Graph[];
  readonly ItemProcessor?: Graph & { readonly ProcessorConfig: { readonly Mode: string } };
  readonly ToleratedFailurePercentage?: number;
  readonly ItemReader?: { readonly Arguments: Readonly<Record<string, string>> };
  readonly ResultWriter?: { readonly Arguments: Readonly<Record<string, string>> };
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

/** States and where they begin. */
export interface Graph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** The state machine's definition, with references as `<LogicalId.Attribute>`. */
export function definitionOf(template: Template): Graph & { readonly TimeoutSeconds: number } {
  const [machine] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
  return JSON.parse(flat(machine?.[1].Properties.DefinitionString));
}

/** The graphs inside a state: the branches of a Parallel, the processor of a Map. */
export const innerGraphs = (state: State): readonly Graph[] => [
  ...(state.Branches ?? []),
  ...(state.ItemProcessor ? [state.ItemProcessor] : []),
];

/** Every state by name, inner ones included; names are unique in a state machine. */
export const allStates = (graph: Graph): readonly (readonly [string, State])[] =>
  Object.entries(graph.States).flatMap(([name, state]) => [
    [name, state] as const,
    ...innerGraphs(state).flatMap(allStates),
  ]);

/** One state by its name. */
export function stateNamed(graph: Graph, name: string): State {
  const found = allStates(graph).find(([each]) => each === name);
  if (found === undefined) throw new Error(`there is no state ${name}`);
  return found[1];
}

/** Where a state may lead, but for its retries. */
export const nextOf = (state: State): readonly string[] =>
  [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ].filter((next) => next !== undefined);
