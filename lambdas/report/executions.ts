import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CopyError } from '../core/errors.ts';

/** Asks Step Functions about the execution that this run is. */
export class Executions {
  readonly #client: SFNClient;

  constructor(client: SFNClient = new SFNClient({})) {
    this.#client = client;
  }

  /**
   * How often an execution has been redriven.
   *
   * @throws {CopyError} `StorageError`, which the state machine repeats
   */
  async redrives(executionArn: string): Promise<number> {
    try {
      const { redriveCount } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      return redriveCount ?? 0;
    } catch (error) {
      const message = `DescribeExecution of ${executionArn}: ${(error as Error).message}`;
      throw new CopyError('StorageError', message, {}, { cause: error });
    }
  }
}
