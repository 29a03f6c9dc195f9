import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  ExecutionDoesNotExist,
  RedriveExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';

/**
 * Milliseconds after a start or a redrive for which DescribeExecution may answer as before it. "This operation is
 * eventually consistent. The results are best effort and may not reflect very recent updates and changes."
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html (read 2026-11-28)
 */
const staleMillis = 30_000;

/** An execution that was started or redriven just now. */
export class RecentExecution {
  readonly #sfn: SFNClient;
  readonly #executionArn: string;
  readonly #redrives: number;
  readonly #since = performance.now();

  /**
   * @param redrives how many there were, with the one of just now
   */
  constructor(sfn: SFNClient, executionArn: string, redrives = 0) {
    this.#sfn = sfn;
    this.#executionArn = executionArn;
    this.#redrives = redrives;
  }

  /**
   * What Step Functions says of the execution.
   *
   * @returns undefined while the answer is of the time before the start or the redrive
   */
  async describe(): Promise<DescribeExecutionCommandOutput | undefined> {
    const mayBeStale = performance.now() - this.#since < staleMillis;
    try {
      const command = new DescribeExecutionCommand({ executionArn: this.#executionArn });
      const execution = await this.#sfn.send(command);
      return mayBeStale && (execution.redriveCount ?? 0) < this.#redrives ? undefined : execution;
    } catch (error) {
      if (mayBeStale && error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }
}

/**
 * Redrives an execution.
 *
 * @returns how many redrives there were then
 */
export async function redriveNow(sfn: SFNClient, executionArn: string): Promise<number> {
  const { redriveCount = 0 } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  await sfn.send(new RedriveExecutionCommand({ executionArn }));
  return redriveCount + 1;
}
