import jsonata from 'jsonata';
import { expressionSource, isExpression } from '../expressions.ts';

/** A node of JSONata's syntax tree, with the fields that are used here. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly expressions?: readonly Node[];
  readonly [part: string]: unknown;
}

/** A part of `$states` that exists only in some fields of some states. */
export type StatesPart = 'result' | 'errorOutput';

/** What an expression in some field can refer to. */
export interface ExpressionScope {
  /** The parts of `$states` that exist there. */
  readonly parts: readonly StatesPart[];
  /** Variables that are assigned in an outer scope but not visible there. */
  readonly hidden: ReadonlySet<string>;
}

const placeOfPart: Readonly<Record<StatesPart, string>> = {
  result: 'exists only in Output and Assign of a Task, Parallel or Map state',
  errorOutput: 'exists only in Output and Assign of a catcher',
};

/**
 * Returns why Step Functions refuses a string when the state machine is created, or undefined when it accepts it.
 *
 * An expression starts with `{%` and ends with `%}`, without blanks outside. It has no context of its own: the input is
 * `$states.input`, and a variable is `$name`. So a bare name at the top level and `$$` are refused. `$states.result` and
 * `$states.errorOutput` are refused where they do not exist.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export function findExpressionObstacle(text: string, place: ExpressionScope): string | undefined {
  if (isImproper(text))
    return 'is not a valid expression: it must start with {% and end with %}, without blanks outside';
  if (!isExpression(text)) return undefined;
  let tree: Node;
  try {
    tree = jsonata(expressionSource(text)).ast() as unknown as Node;
  } catch (error) {
    return `is not valid JSONata: ${(error as { message: string }).message}`;
  }
  return findTreeObstacle(tree, place);
}

function isImproper(text: string): boolean {
  const trimmed = text.trim();
  return (trimmed.startsWith('{%') || trimmed.endsWith('%}')) && !isExpression(text);
}

function findTreeObstacle(tree: Node, { parts, hidden }: ExpressionScope): string | undefined {
  for (const name of findContextNames(tree))
    return `refers to "${name}" at the top level, which is not supported`;
  const nodes = [...allNodes(tree)];
  if (nodes.some(({ type, value }) => type === 'variable' && value === '$'))
    return 'refers to $$, which is not supported';
  const outOfReach = nodes.find(({ type, value }) => type === 'variable' && hidden.has(String(value)));
  if (outOfReach)
    return `refers to $${outOfReach.value}, but a Distributed Map cannot use variables of outer scopes: put the value into its input`;
  const used = new Set(nodes.flatMap((node) => [...findStatesParts(node)]));
  const absent = (['result', 'errorOutput'] as const).find((part) => used.has(part) && !parts.includes(part));
  return absent && `refers to $states.${absent}, which ${placeOfPart[absent]}`;
}

/** The fields of a node whose expressions are evaluated for each item of the step before them. */
const partsWithOwnContext: ReadonlySet<string> = new Set([
  'predicate',
  'stages',
  'group',
  'terms',
  'pattern',
  'update',
  'delete',
]);

/** The names that a node looks up in the context of the whole expression, not in the result of an earlier step. */
function* findContextNames(node: Node): Generator<string> {
  if (node.type === 'name') yield String(node.value);
  for (const [part, value] of Object.entries(node)) {
    if (partsWithOwnContext.has(part)) continue;
    const nodes = nodesIn(value);
    for (const inner of part === 'steps' ? nodes.slice(0, 1) : nodes) yield* findContextNames(inner);
  }
}

function* allNodes(node: Node): Generator<Node> {
  yield node;
  for (const value of Object.values(node)) for (const inner of nodesIn(value)) yield* allNodes(inner);
}

/** The parts of `$states` that a node reads: `$states.result`, `($states).result` or `$states["result"]`. */
function* findStatesParts(node: Node): Generator<string> {
  const [first, second] = node.steps ?? [];
  if (first && second && isStates(first)) yield* findContextNames(second);
  if (!isStates(node)) return;
  for (const part of partsWithOwnContext) {
    for (const inner of nodesIn(node[part])) {
      const { type, value } = (inner['expr'] ?? inner) as Node;
      if (type === 'string') yield String(value);
      yield* findContextNames(inner);
    }
  }
}

function isStates({ type, value, expressions = [] }: Node): boolean {
  if (type === 'variable') return value === 'states';
  const last = expressions.at(-1);
  return type === 'block' && last !== undefined && isStates(last);
}

/** The nodes in a field of a node, however deeply they are nested in lists. */
function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  return 'type' in value ? [value as Node] : Object.values(value).flatMap(nodesIn);
}
