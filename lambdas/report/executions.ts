import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';

/** Asks Step Functions about the execution that this run is. */
export class Executions {
  readonly #client: SFNClient;

  constructor(client: SFNClient = new SFNClient({})) {
    this.#client = client;
  }

  /** How often an execution has been redriven. */
  async redrives(executionArn: string): Promise<number> {
    const { redriveCount } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
    return redriveCount ?? 0;
  }
}
