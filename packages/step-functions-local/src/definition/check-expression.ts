import jsonata from 'jsonata';
import { expressionSource, isExpression } from '../expressions.ts';

/** The parts of JSONata's syntax tree that matter here. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly expressions?: readonly Node[];
  readonly [part: string]: unknown;
}

/** What `$states` holds only in some fields of some states. */
export type Outcome = 'result' | 'errorOutput';

/** What an expression can name where it stands. */
export interface Surroundings {
  /** Parts of `$states` that are there. */
  readonly outcomes: readonly Outcome[];
  /** Variables that were assigned, but not for this place. */
  readonly hidden: ReadonlySet<string>;
}

const WHERE: Readonly<Record<Outcome, string>> = {
  result: 'is only in Output and Assign of a Task, Parallel or Map',
  errorOutput: 'is only in Output and Assign of a catcher',
};

/**
 * Why Step Functions would refuse a string when the state machine is created; undefined when it would not.
 *
 * A string that opens or closes an expression does both, without blanks outside. Expressions have no context of
 * their own: the input is `$states.input`, a variable `$name`. A bare name at the top level, and `$$`, are refused,
 * and so are `$states.result` and `$states.errorOutput` where there is none.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export function expressionObstacle(text: string, place: Surroundings): string | undefined {
  if (isImproper(text))
    return 'opens or closes an expression improperly: it must begin with {% and end with %}, without blanks outside';
  if (!isExpression(text)) return undefined;
  let tree: Node;
  try {
    tree = jsonata(expressionSource(text)).ast() as unknown as Node;
  } catch (error) {
    return `is not JSONata: ${(error as { message: string }).message}`;
  }
  return obstacleIn(tree, place);
}

function isImproper(text: string): boolean {
  const trimmed = text.trim();
  return (trimmed.startsWith('{%') || trimmed.endsWith('%}')) && !isExpression(text);
}

function obstacleIn(tree: Node, { outcomes, hidden }: Surroundings): string | undefined {
  for (const name of namesOfContext(tree))
    return `refers to "${name}" at the top level, which is not supported`;
  const nodes = [...allNodes(tree)];
  if (nodes.some(({ type, value }) => type === 'variable' && value === '$'))
    return 'refers to $$, which is not supported';
  const outOfReach = nodes.find(({ type, value }) => type === 'variable' && hidden.has(String(value)));
  if (outOfReach)
    return `refers to $${outOfReach.value}, and a distributed map sees no variables: its input has to hold the value`;
  const parts = new Set(nodes.flatMap((node) => [...partsOfStates(node)]));
  const absent = (['result', 'errorOutput'] as const).find(
    (part) => parts.has(part) && !outcomes.includes(part),
  );
  return absent && `refers to $states.${absent}, which ${WHERE[absent]}`;
}

/** Parts that are evaluated for each item of what stands before them. */
const OWN_CONTEXT: ReadonlySet<string> = new Set([
  'predicate',
  'stages',
  'group',
  'terms',
  'pattern',
  'update',
  'delete',
]);

/** The names that a node looks up in its own context, rather than in that of a step before them. */
function* namesOfContext(node: Node): Generator<string> {
  if (node.type === 'name') yield String(node.value);
  for (const [part, value] of Object.entries(node)) {
    if (OWN_CONTEXT.has(part)) continue;
    const nodes = nodesIn(value);
    for (const inner of part === 'steps' ? nodes.slice(0, 1) : nodes) yield* namesOfContext(inner);
  }
}

function* allNodes(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) for (const inner of nodesIn(value)) yield* allNodes(inner);
}

/** The parts of `$states` that a node takes out of it: `$states.result`, `($states).result`, `$states["result"]`. */
function* partsOfStates(node: Node): Generator<string> {
  const [first, second] = node.steps ?? [];
  if (first && second && isStates(first)) yield* namesOfContext(second);
  if (!isStates(node)) return;
  for (const part of OWN_CONTEXT) {
    for (const inner of nodesIn(node[part])) {
      const { type, value } = (inner['expr'] ?? inner) as Node;
      if (type === 'string') yield String(value);
      yield* namesOfContext(inner);
    }
  }
}

function isStates({ type, value, expressions = [] }: Node): boolean {
  if (type === 'variable') return value === 'states';
  const last = expressions.at(-1);
  return type === 'block' && last !== undefined && isStates(last);
}

/** The nodes in a part of a node, through lists and pairs of any depth. */
function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return 'type' in value ? [value as Node] : Object.values(value).flatMap(nodesIn);
}
