import jsonata from 'jsonata';
import { expressionSource } from '../expressions.ts';

/** The parts of JSONata's syntax tree that matter here. */
interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly [part: string]: unknown;
}

/**
 * Why Step Functions would refuse an expression when the state machine is created; undefined when it would not.
 *
 * Expressions have no context of their own: the input is `$states.input`, a variable `$name`. A bare name at
 * the top level, and `$$`, are refused, and so is `$states.errorOutput` outside a catcher.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
 */
export function expressionObstacle(expression: string, inCatcher: boolean): string | undefined {
  let tree: Node;
  try {
    tree = jsonata(expressionSource(expression)).ast() as unknown as Node;
  } catch (error) {
    return `is not JSONata: ${(error as { message: string }).message}`;
  }
  return obstacleIn(tree, true, inCatcher);
}

function obstacleIn(node: Node, top: boolean, inCatcher: boolean): string | undefined {
  if (node.type === 'variable' && node.value === '$') return 'refers to $$, which is not supported';
  if (node.type === 'name' && top)
    return `refers to "${String(node.value)}" at the top level, which is not supported`;
  if (!inCatcher && refersToErrorOutput(node)) return 'refers to $states.errorOutput outside a catcher';
  for (const [part, value] of Object.entries(node)) {
    const context = top && !OWN_CONTEXT.has(part);
    const nodes = part === 'steps' ? (value as Node[]) : nodesIn(value);
    for (const [index, inner] of nodes.entries()) {
      const found = obstacleIn(inner, part === 'steps' ? top && index === 0 : context, inCatcher);
      if (found) return found;
    }
  }
  return undefined;
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

function refersToErrorOutput({ type, steps = [] }: Node): boolean {
  return (
    type === 'path' &&
    steps[0]?.type === 'variable' &&
    steps[0].value === 'states' &&
    steps[1]?.value === 'errorOutput'
  );
}

/** The nodes in a part of a node, through lists of any depth. */
function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return typeof value === 'object' && value !== null && 'type' in value ? [value as Node] : [];
}
