import { S3Client } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { clientSettings } from './clients.ts';
import type { Connection } from './connection.ts';
import { quoted } from './shell.ts';
import { UsageError } from './usage-error.ts';

/** How to reach a deployed state machine. */
export interface DeployedOptions {
  readonly stateMachineArn: string | undefined;
  /** @default the bucket that the definition names */
  readonly workBucket: string | undefined;
  /** S3 server of the work bucket, for a state machine that is served on this machine. @default AWS */
  readonly endpointUrl: string | undefined;
}

const howToName =
  'name the deployed state machine by --state-machine ARN or S3COPY_STATE_MACHINE (its ARN is an output of the stack), or run here with --local';

/**
 * Connects to a deployed state machine, in the region that its ARN names.
 *
 * @throws {UsageError} when no state machine, or something else, is named
 */
export async function connectDeployed(options: DeployedOptions): Promise<Connection> {
  const { stateMachineArn, endpointUrl } = options;
  if (stateMachineArn === undefined || stateMachineArn === '') throw new UsageError(howToName);
  const region = /^arn:[\w-]+:states:([\w-]+):\d{12}:stateMachine:[^:]+$/.exec(stateMachineArn)?.[1];
  if (region === undefined) {
    throw new UsageError(
      `--state-machine: ${JSON.stringify(stateMachineArn)} is not the ARN of a state machine`,
    );
  }
  refuseServedHalf(stateMachineArn, endpointUrl);
  const sfn = new SFNClient({ region, ...clientSettings() });
  const s3 = new S3Client({
    region,
    ...clientSettings(),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    // The destination may be in another region than the work bucket.
    followRegionRedirects: true,
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl, forcePathStyle: true }),
  });
  return {
    sfn,
    s3,
    stateMachineArn,
    workBucket: options.workBucket ?? (await findWorkBucket(sfn, stateMachineArn)),
    isLocal: false,
    flags: [
      `--state-machine ${stateMachineArn}`,
      ...(endpointUrl === undefined ? [] : [`--endpoint-url ${quoted(endpointUrl)}`]),
    ].join(' '),
    close: async () => {
      sfn.destroy();
      s3.destroy();
    },
  };
}

/** What `s3copy local` serves has an account number that AWS never assigns, and both of its servers must be named. */
function refuseServedHalf(stateMachineArn: string, endpointUrl: string | undefined): void {
  if (stateMachineArn.split(':')[4] !== '000000000000') return;
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SFN } = process.env;
  const missing = [
    ...(endpointUrl || AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL
      ? []
      : ['its S3 server by --endpoint-url URL']),
    ...(AWS_ENDPOINT_URL_SFN || AWS_ENDPOINT_URL ? [] : ['its Step Functions API by AWS_ENDPOINT_URL_SFN']),
  ];
  if (missing.length === 0) return;
  throw new UsageError(
    `${stateMachineArn} is a state machine that s3copy local serves: name ${missing.join(', and ')}, as its first line does; or run here with --local`,
  );
}

/** The maps of the definition read their items from the work bucket. */
async function findWorkBucket(sfn: SFNClient, stateMachineArn: string): Promise<string> {
  const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const bucket = readerBucket(JSON.parse(definition ?? '{}'));
  if (bucket !== undefined) return bucket;
  throw new UsageError(
    `${stateMachineArn} is not a state machine of s3copy: no map of it reads from a work bucket; or name the bucket by --work-bucket`,
  );
}

function readerBucket(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { ItemReader } = value as { ItemReader?: { Arguments?: { Bucket?: unknown } } };
  if (typeof ItemReader?.Arguments?.Bucket === 'string') return ItemReader.Arguments.Bucket;
  for (const inner of Object.values(value)) {
    const found = readerBucket(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
