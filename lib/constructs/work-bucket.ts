import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Folder of the work bucket with one folder per run: its request, plan, batches, results and report. */
export const runsFolder = 'runs/';

/**
 * Days after which the files of a run go. An execution runs 20 days at most and can be redriven for 14 more,
 * so no run loses a file that it may still read.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (read 2026-11-22)
 */
const runExpiry = Duration.days(60);

/**
 * The bucket where runs keep their plans, batches, results and reports: never the user's own data.
 *
 * Encrypted with SSE-S3: under a KMS key the map runs could not write their results without rights that the
 * CDK does not grant. Only `runs/` expires; `copy-records/` is what later runs compare by, and stays: reports
 * remove the files that they replace.
 */
export class WorkBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        { id: 'expire-runs', prefix: runsFolder, expiration: runExpiry },
        { id: 'abort-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Holds working files of runs, written and read by the functions of this stack alone.',
    });
    this.bucket = bucket;
  }
}
