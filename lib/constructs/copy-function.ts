import { join } from 'node:path';
import { AssetHashType, type Duration, RemovalPolicy, type Size, Token } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge.ts';
import { lambdasFolder, writeBundle } from '../bundles.ts';
import { ContextError } from '../context.ts';
import { attachStatements } from '../role-policies.ts';

/**
 * Bytes of all names and values in a function's environment.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (read 2026-11-22)
 */
const maxEnvironmentBytes = 4096;

/** A bucket name that is known only when the stack is deployed may take up to 63 bytes. */
const maxTokenBytes = 63;

export interface CopyFunctionProps {
  /** Folder of `lambdas/` that holds `handler.ts`. */
  readonly step: string;
  /** Full name of the function; its log group is named after it. */
  readonly functionName: string;
  /** What it does, for the console. */
  readonly description: string;
  readonly timeout: Duration;
  readonly memory: Size;
  readonly environment: Readonly<Record<string, string>>;
  /** All it may do besides writing its log. */
  readonly statements: readonly PolicyStatement[];
}

/** One Lambda function of the pipeline: its bundle, its log group and a role with exactly the given rights. */
export class CopyFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, props: CopyFunctionProps) {
    super(scope, id);
    const { step, functionName, description, timeout, memory, environment, statements } = props;
    refuseLargeEnvironment(step, environment);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const writeLog = new PolicyStatement({
      sid: 'WriteLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    attachStatements(role, step, [writeLog, ...statements]);
    acknowledgeWildcards(role, [
      { resource: /:s3:::/, reason: 'Named actions on the objects of buckets that the user named.' },
      {
        resource: /\/(?:runs|copy-records)\/\*$/,
        reason: 'The files of runs and copy records in the work bucket of this stack.',
      },
      { resource: /^\*$/, reason: 'lambda:GetAccountSettings has no resource to name.' },
    ]);
    this.fn = new LambdaFunction(this, 'Function', {
      functionName,
      description,
      role,
      logGroup,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode(step),
      timeout,
      memorySize: memory.toMebibytes(),
      environment,
    });
  }
}

const bundledCode = (step: string): Code =>
  Code.fromAsset(join(lambdasFolder, step), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: Runtime.NODEJS_24_X.bundlingImage,
      local: {
        tryBundle: (outputFolder) => {
          writeBundle(step, outputFolder);
          return true;
        },
      },
    },
  });

function refuseLargeEnvironment(step: string, environment: Readonly<Record<string, string>>): void {
  const sizes = Object.entries(environment).map(([name, value]) => ({
    name,
    bytes: Buffer.byteLength(name) + (Token.isUnresolved(value) ? maxTokenBytes : Buffer.byteLength(value)),
  }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= maxEnvironmentBytes) return;
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0];
  throw new ContextError(
    `the environment of ${step} needs ${total} bytes and Lambda allows ${maxEnvironmentBytes}; ${largest?.name} alone takes ${largest?.bytes}: name fewer, or use * and narrow the rights at the buckets`,
  );
}
