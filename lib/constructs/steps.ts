import { Duration, Size } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { StepName } from '../../core/model/steps.ts';
import { may, type Permission, type Reach } from '../permissions.ts';
import { CopyFunction } from './copy-function.ts';

interface Step {
  readonly description: string;
  readonly timeout: Duration;
  readonly memory: Size;
  readonly permissions: readonly Permission[];
}

/** The longest that Lambda allows. Workers stop before it and are called again while something remains. */
const longest = Duration.minutes(15);

/** Milliseconds before its timeout at which a function begins nothing more and returns. */
const deadlineMarginMillis = 10_000;

const copying = [
  may.listBuckets,
  may.readSource,
  may.writeDestination,
  may.readProperties,
  may.writeProperties,
  may.readWithKeys,
  may.writeWithKeys,
  may.assumeRoles,
  may.keepRuns,
] as const;

/**
 * Every function, with all it may do. 1,769 MiB are one vCPU: the plan is what parses listings. The workers
 * wait for S3 nearly all of their time, and the bytes of objects never pass through them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html (read 2026-11-22)
 */
const steps: Readonly<Record<StepName, Step>> = {
  prepare: {
    description: 'Checks the request, its buckets and rights',
    timeout: Duration.seconds(60),
    memory: Size.mebibytes(512),
    permissions: [
      may.listBuckets,
      may.readLists,
      may.readProperties,
      may.seeOwnership,
      may.seeObjectLock,
      may.seeAccountLimit,
      may.readWithKeys,
      may.assumeRoles,
      may.keepRuns,
    ],
  },
  plan: {
    description: 'Compares both listings and writes the batches of the first pass',
    timeout: longest,
    memory: Size.mebibytes(1769),
    permissions: [
      may.listBuckets,
      may.readBothEnds,
      may.readLists,
      may.readWithKeys,
      may.assumeRoles,
      may.keepRuns,
      may.readCopyRecords,
    ],
  },
  'copy-objects': {
    description: 'Copies the objects of one batch',
    timeout: longest,
    memory: Size.mebibytes(512),
    permissions: [...copying, may.tidyPartFiles],
  },
  'open-object': {
    description: 'Opens one large object: its layout and groups of parts',
    timeout: Duration.minutes(2),
    memory: Size.mebibytes(512),
    permissions: [...copying, may.tidyPartFiles],
  },
  'make-temp-files': {
    description: 'Copies the source ranges of one group into part files of one part',
    timeout: longest,
    memory: Size.mebibytes(512),
    permissions: [...copying, may.tidyPartFiles],
  },
  'make-part-files': {
    description: 'Makes the part files of one group simple objects and proves them',
    timeout: longest,
    memory: Size.mebibytes(512),
    permissions: [...copying, may.tidyPartFiles],
  },
  'copy-parts': {
    description: 'Copies the source ranges of one group into the upload of the target',
    timeout: longest,
    memory: Size.mebibytes(512),
    permissions: [...copying, may.findUploads],
  },
  'finalize-object': {
    description: 'Puts one large object together from its parts and verifies it',
    timeout: longest,
    memory: Size.mebibytes(512),
    permissions: [...copying, may.tidyPartFiles],
  },
  reconcile: {
    description: 'Compares batches with results and writes the batches of the next pass',
    timeout: longest,
    memory: Size.mebibytes(1024),
    permissions: [may.keepRuns],
  },
  'delete-objects': {
    description: 'Deletes at the destination what the source lacks',
    timeout: longest,
    memory: Size.mebibytes(1024),
    permissions: [
      may.listBuckets,
      may.lookAtSource,
      may.deleteDestination,
      may.readWithKeys,
      may.assumeRoles,
      may.keepRuns,
    ],
  },
  report: {
    description: 'Writes the report and fails the execution when objects are missing',
    timeout: longest,
    memory: Size.mebibytes(1024),
    permissions: [
      may.listBuckets,
      may.readBothEnds,
      may.readWithKeys,
      may.assumeRoles,
      may.keepRuns,
      may.keepCopyRecords,
    ],
  },
};

export interface StepsProps {
  /** Prefix of the functions' names. */
  readonly name: string;
  readonly reach: Reach;
}

/** The Lambda functions of the pipeline, one a step. */
export class Steps extends Construct {
  readonly functions: Readonly<Record<StepName, LambdaFunction>>;

  constructor(scope: Construct, id: string, { name, reach }: StepsProps) {
    super(scope, id);
    const functionOf = (step: StepName): LambdaFunction => {
      const { description, timeout, memory, permissions } = steps[step];
      return new CopyFunction(this, step, {
        step,
        functionName: `${name}-${step}`,
        description,
        timeout,
        memory,
        environment: environmentOf(step, reach),
        statements: permissions.flatMap((permission) => permission(reach)),
      }).fn;
    };
    this.functions = {
      prepare: functionOf('prepare'),
      plan: functionOf('plan'),
      'copy-objects': functionOf('copy-objects'),
      'open-object': functionOf('open-object'),
      'make-temp-files': functionOf('make-temp-files'),
      'make-part-files': functionOf('make-part-files'),
      'copy-parts': functionOf('copy-parts'),
      'finalize-object': functionOf('finalize-object'),
      reconcile: functionOf('reconcile'),
      'delete-objects': functionOf('delete-objects'),
      report: functionOf('report'),
    };
  }
}

const environmentOf = (step: StepName, reach: Reach): Record<string, string> => ({
  WORK_BUCKET: reach.work.bucketName,
  DEADLINE_MARGIN_MILLIS: String(deadlineMarginMillis),
  POWERTOOLS_SERVICE_NAME: step,
  LOG_LEVEL: 'INFO',
});
