import { conclude } from '../conclude.ts';
import type { Connection } from '../connection.ts';
import type { Ended, View } from '../events.ts';
import type { Output } from '../output.ts';
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

/** The run was interrupted. The message says what goes on, and how to stop or resume it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Follows an execution until it ends, and shows how far it is meanwhile.
 *
 * @throws {Interrupted} when the signal is aborted first
 */
export async function follow({
  connection,
  executionArn,
  redrives = 0,
  view,
  signal,
}: Followed): Promise<{ ended: Ended; watch: Watch }> {
  const watch = new Watch(connection, executionArn);
  try {
    const execution = await watch.untilEnd(
      redrives,
      (progress) => view.show({ event: 'progress', ...progress }),
      signal,
    );
    return { ended: await conclude(execution, watch.folder), watch };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted(afterInterruption(connection, executionArn), { cause: error });
  }
}

function afterInterruption({ isLocal, flags }: Connection, executionArn: string): string {
  if (isLocal) {
    return `interrupted: the run is stopped, what was copied stays. Go on with it:
  s3copy redrive ${executionArn} ${flags}`;
  }
  return `interrupted: the run goes on without this terminal.
  see how far it is   s3copy status ${executionArn} ${flags}
  stop it             aws stepfunctions stop-execution --execution-arn ${executionArn}
  go on after that    s3copy redrive ${executionArn} ${flags}`;
}

/** Shows how an execution ended, and what may be done about it. */
export function showEnd(ended: Ended, { flags }: Connection, view: View, output: Output): void {
  view.show({ event: 'ended', ...ended });
  const { mayRedrive, executionArn } = ended;
  if (mayRedrive) output.note(`attempt again what is missing: s3copy redrive ${executionArn} ${flags}`);
}
