import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Pipeline } from './constructs/pipeline.ts';
import { Schedules } from './constructs/schedules.ts';
import { Steps } from './constructs/steps.ts';
import { WorkBucket } from './constructs/work-bucket.ts';
import type { SyncSettings } from './context.ts';

export interface S3CopyProps {
  /** Name of the state machine, and prefix of the functions and schedules. @default 's3copy' */
  readonly name?: string;
  /** Names of the buckets that may be read; `['*']` is every bucket. */
  readonly sources: readonly string[];
  /** Names of the buckets that may be written; `['*']` is every bucket. */
  readonly destinations: readonly string[];
  /** ARNs of roles that requests may name. @default none */
  readonly roles?: readonly string[];
  /** ARNs of the KMS keys that objects of sources and destinations are encrypted with. @default none */
  readonly keys?: readonly string[];
  /** ARNs of further KMS keys, of sources that are only read. @default none */
  readonly sourceKeys?: readonly string[];
  /** Folders of destinations in which part files may be deleted; `['*']` is everywhere. @default ['temp/'] */
  readonly temp?: readonly string[];
  /** Requests may delete what the source lacks. @default false */
  readonly delete?: boolean;
  /** Requests may read and set access control lists. @default false */
  readonly acl?: boolean;
  /** Requests may read and set retention and legal holds. @default false */
  readonly objectLock?: boolean;
  /** `s3://bucket/prefix` of lists of keys that requests may name. @default none */
  readonly lists?: readonly string[];
  /** Scheduled syncs. @default none */
  readonly syncs?: readonly SyncSettings[];
  /** Fields that the request of every sync has unless it says otherwise. @default none */
  readonly syncDefaults?: Readonly<Record<string, unknown>>;
}

/** All of s3copy, to be put in any stack: the work bucket, the functions, the state machine, the schedules. */
export class S3Copy extends Construct {
  readonly stateMachine: StateMachine;
  /** Holds the plans, results and reports of the runs. */
  readonly workBucket: IBucket;

  constructor(scope: Construct, id: string, props: S3CopyProps) {
    super(scope, id);
    const { name = 's3copy', sources, destinations, roles = [], keys = [], lists = [] } = props;
    const { sourceKeys = [], temp = ['temp/'], acl = false, objectLock = false } = props;
    const switches = { delete: props.delete ?? false, acl, objectLock };
    const { bucket: work } = new WorkBucket(this, 'WorkBucket');
    const reach = { sources, destinations, roles, keys, sourceKeys, lists, temp, switches, work };
    const { functions } = new Steps(this, 'Steps', { name, reach });
    const { stateMachine } = new Pipeline(this, 'Pipeline', { name, reach, work, functions });
    new Schedules(this, 'Schedules', {
      name,
      reach,
      stateMachine,
      syncs: props.syncs ?? [],
      defaults: props.syncDefaults ?? {},
    });
    this.stateMachine = stateMachine;
    this.workBucket = work;
  }
}
