import { type Graph, nextOf, type State } from './definition.ts';

/**
 * Events that each kind of state adds to the history when it is passed once.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html (read 2026-11-22)
 */
const events = {
  /** TaskStateEntered, TaskScheduled, TaskStarted, TaskSucceeded, TaskStateExited. */
  task: 5,
  /** TaskFailed, TaskScheduled, TaskStarted. */
  retry: 3,
  /** Entered and Exited: Choice, Pass, Succeed; a Fail has only the first. */
  passing: 2,
  /** MapIterationStarted, MapIterationSucceeded. */
  iteration: 2,
  /** MapStateEntered, MapStateStarted, MapStateSucceeded, MapStateExited. */
  inlineMap: 4,
  /** The same with MapRunStarted and MapRunSucceeded; what its children do is in their own histories. */
  distributedMap: 6,
  /** ParallelStateEntered, ParallelStateStarted, ParallelStateSucceeded, ParallelStateExited. */
  parallel: 4,
  /** ExecutionStarted and ExecutionSucceeded. */
  execution: 2,
} as const;

export interface Load {
  /** Iterations of every inline Map. */
  readonly iterations: number;
  /** How often a state without a bound of its own is entered; once if it is not named. */
  readonly visits?: Readonly<Record<string, number>>;
}

/** Events of the longest history that an execution of this graph may have. */
export const mostEvents = (graph: Graph, load: Load): number => events.execution + longestPath(graph, load);

/** Each state that can be passed again counts as often as its bound allows; what is left has no cycle. */
function longestPath(graph: Graph, load: Load): number {
  /** A way back is paid for by the visits of the state it leads to. */
  const counted = (name: string): 0 => {
    if (loopOver(graph, name) || load.visits?.[name] !== undefined) return 0;
    throw new Error(`the way back to ${name} has no bound`);
  };
  const from = (name: string, path: readonly string[]): number => {
    const state = graph.States[name];
    if (state === undefined) throw new Error(`there is no state ${name}`);
    if (path.includes(name)) return counted(name);
    const onwards = nextOf(state).map((next) => from(next, [...path, name]));
    return eventsOf(state, load) * visitsOf(graph, name, load) + Math.max(0, ...onwards);
  };
  return from(graph.StartAt, []);
}

function eventsOf(state: State, load: Load): number {
  if (state.Type === 'Task') {
    const retries = (state.Retry ?? []).reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);
    return events.task + retries * events.retry;
  }
  if (state.Type === 'Parallel') {
    const branches = (state.Branches ?? []).map((branch) => longestPath(branch, load));
    return events.parallel + branches.reduce((sum, branch) => sum + branch, 0);
  }
  if (state.ItemProcessor === undefined) return events.passing;
  if (state.ItemProcessor.ProcessorConfig.Mode === 'DISTRIBUTED') return events.distributedMap;
  return events.inlineMap + load.iterations * (events.iteration + longestPath(state.ItemProcessor, load));
}

/** A loop is a task and the choice behind it that leads back to it. */
const loopOver = (graph: Graph, name: string) =>
  Object.entries(graph.States)
    .flatMap(([choice, { Choices = [] }]) =>
      Choices.map(({ Condition, Next }) => ({ choice, condition: Condition, task: Next })),
    )
    .find(({ choice, task }) => graph.States[task]?.Next === choice && [choice, task].includes(name));

/** The choice names the bound of its loop, or the load does. */
function visitsOf(graph: Graph, name: string, load: Load): number {
  const loop = loopOver(graph, name);
  if (loop === undefined) return load.visits?.[name] ?? 1;
  const bound = /calls < (\d+)/.exec(loop.condition)?.[1] ?? load.visits?.[loop.task];
  if (bound === undefined) throw new Error(`the loop over ${loop.task} has no bound`);
  return Number(bound);
}
