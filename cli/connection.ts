import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';

/** The state machine to talk to, and the bucket where its runs keep their files. */
export interface Connection {
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly stateMachineArn: string;
  readonly workBucket: string;
  /** It runs in this process, and stops with it. */
  readonly isLocal: boolean;
  /** The flags that lead here again, for messages. */
  readonly flags: string;
  close(): Promise<void>;
}
