import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { S3Copy } from '../../lib/s3copy.ts';
import { resourcesOf, templateOf } from './synthesized.ts';

describe('S3CopyStack', () => {
  it('tells what a user starts, and where reports are', () => {
    const template = templateOf();
    template.hasOutput('StateMachineArn', {
      Value: { Ref: resourcesOf(template, 'AWS::StepFunctions::StateMachine')[0]?.[0] },
    });
    template.hasOutput('WorkBucketName', {
      Value: { Ref: resourcesOf(template, 'AWS::S3::Bucket')[0]?.[0] },
    });
  });

  it('can be deployed twice in one account under two names', () => {
    const names = (template: Template) =>
      ['AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'AWS::StepFunctions::StateMachine'].flatMap((type) =>
        resourcesOf(template, type).map(
          ([, { Properties }]) =>
            Properties.FunctionName ?? Properties.LogGroupName ?? Properties.StateMachineName,
        ),
      );
    const other = names(templateOf({ source: 'one', destination: 'two', name: 'other' }));
    expect(other).toHaveLength(24);
    expect(new Set([...other, ...names(templateOf())]).size).toBe(48);
  });

  it('consists of this many resources of each kind', () => {
    const types = Object.values(templateOf().toJSON()['Resources'] as Record<string, { Type: string }>).map(
      ({ Type }) => Type,
    );
    const counts = Object.fromEntries(
      [...new Set(types)].sort().map((type) => [type, types.filter((each) => each === type).length]),
    );
    expect(counts).toMatchInlineSnapshot(`
      {
        "AWS::IAM::Policy": 13,
        "AWS::IAM::Role": 12,
        "AWS::Lambda::Function": 11,
        "AWS::Logs::LogGroup": 12,
        "AWS::S3::Bucket": 1,
        "AWS::S3::BucketPolicy": 1,
        "AWS::StepFunctions::StateMachine": 1,
      }
    `);
  });
});

describe('S3Copy', () => {
  it('can be part of any other stack', () => {
    const app = new App({
      context: {
        'aws:cdk:bundling-stacks': [],
        '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true,
      },
    });
    const stack = new Stack(app, 'other');
    const copy = new S3Copy(stack, 'Copy', {
      name: 'mine',
      sources: ['a-bucket'],
      destinations: ['b-bucket'],
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { StateMachineName: 'mine' });
    expect(stack.resolve(copy.workBucket.bucketName)).toHaveProperty('Ref');
  });
});
