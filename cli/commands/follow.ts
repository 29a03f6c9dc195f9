import { conclude } from '../conclude.ts';
import type { Connection } from '../connection.ts';
import type { Ended, View } from '../events.ts';
import { explainError } from '../explain-error.ts';
import type { Output } from '../output.ts';
import { quoted } from '../shell.ts';
import { Watch } from '../watch.ts';

/** An execution to follow to its end. */
export interface Followed {
  readonly connection: Connection;
  readonly executionArn: string;
  /** How many redrives there were, when it was redriven just now. @default 0, started just now */
  readonly redrives?: number;
  readonly view: View;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** The command line stops to follow an execution. The message says what continues, and how to stop or resume it. */
export class NotFollowed extends Error {
  override readonly name: 'Interrupted' | 'ConnectionLost';
  readonly executionArn: string;
  /** Of the execution, as far as it is known. */
  readonly status: 'ABORTED' | 'RUNNING';

  constructor(
    name: NotFollowed['name'],
    { executionArn, connection: { isLocal } }: Followed,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
    this.name = name;
    this.executionArn = executionArn;
    this.status = isLocal ? 'ABORTED' : 'RUNNING';
  }
}

/**
 * Follows an execution until it ends, and shows how far it is meanwhile.
 *
 * @throws {NotFollowed} when the signal is aborted first, or Step Functions cannot be reached any more
 */
export async function follow(followed: Followed): Promise<{ ended: Ended; watch: Watch }> {
  const { connection, executionArn, redrives = 0, view, signal } = followed;
  const watch = new Watch(connection, executionArn);
  try {
    const execution = await watch.untilEnd(
      redrives,
      (progress) => view.show({ event: 'progress', ...progress }),
      signal,
    );
    return { ended: await conclude(execution, watch.folder), watch };
  } catch (error) {
    if (signal.aborted) {
      throw new NotFollowed('Interrupted', followed, afterInterruption(connection, executionArn), error);
    }
    if (connection.isLocal) throw error;
    throw new NotFollowed('ConnectionLost', followed, afterLoss(connection, executionArn, error), error);
  }
}

function afterInterruption({ isLocal, flags }: Connection, executionArn: string): string {
  if (isLocal) {
    return `interrupted: the run is stopped, what was copied stays. Go on with it:
  s3copy redrive ${quoted(executionArn)} ${flags}`;
  }
  return `interrupted: the run goes on without this terminal.
  see how far it is   s3copy status ${quoted(executionArn)} ${flags}
  stop it             aws stepfunctions stop-execution --execution-arn ${quoted(executionArn)} --region ${executionArn.split(':')[3]}
  go on after that    s3copy redrive ${quoted(executionArn)} ${flags}`;
}

const afterLoss = ({ flags }: Connection, executionArn: string, error: unknown): string =>
  `${explainError(error)}
the run goes on, as far as can be told; see how far it is: s3copy status ${quoted(executionArn)} ${flags}`;

/** Shows how an execution ended, and what may be done about it. */
export function showEnd(ended: Ended, { flags }: Connection, view: View, output: Output): void {
  view.show({ event: 'ended', ...ended });
  const { mayRedrive, executionArn } = ended;
  if (mayRedrive)
    output.note(`attempt again what is missing: s3copy redrive ${quoted(executionArn)} ${flags}`);
}
