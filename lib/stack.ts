import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './context.ts';
import { S3Copy } from './s3copy.ts';

export interface S3CopyStackProps extends StackProps {
  readonly settings: Settings;
}

/** s3copy as one stack, with what a user or the command line needs to find it. */
export class S3CopyStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: S3CopyStackProps) {
    super(scope, id, {
      description: 's3copy: copies and syncs S3 buckets, and proves every object',
      ...props,
    });
    const { stateMachine, workBucket } = new S3Copy(this, 'S3Copy', {
      name: settings.name,
      sources: settings.source,
      destinations: settings.destination,
      roles: settings.roles,
      keys: settings.keys,
      sourceKeys: settings.sourceKeys,
      lists: settings.lists,
      temp: settings.temp,
      delete: settings.delete,
      acl: settings.acl,
      objectLock: settings.objectLock,
      syncs: settings.syncs,
      syncDefaults: settings.defaults,
    });
    new CfnOutput(this, 'StateMachineArn', {
      description: 'Start an execution of it to copy; S3COPY_STATE_MACHINE of the command line',
      value: stateMachine.stateMachineArn,
    });
    new CfnOutput(this, 'WorkBucketName', {
      description: 'Holds the plans, results and reports of the runs',
      value: workBucket.bucketName,
    });
  }
}
