import { describe, expect, it } from 'vitest';
import { References } from '../../../../cli/local/synthesis/references.ts';

const place = { partition: 'aws', region: 'us-east-1', account: '000000000000', bucket: 'work' };
const references = new References(
  {
    Bucket: { Type: 'AWS::S3::Bucket' },
    Plan: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'app-plan' } },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { StateMachineName: { Ref: 'AWS::Region' } },
    },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
  place,
);

describe('References', () => {
  it.each([
    { value: { Ref: 'Bucket' }, is: 'work', why: 'a bucket by name' },
    { value: { 'Fn::GetAtt': ['Bucket', 'Arn'] }, is: 'arn:aws:s3:::work', why: 'a bucket by ARN' },
    {
      value: { 'Fn::GetAtt': ['Plan', 'Arn'] },
      is: 'arn:aws:lambda:us-east-1:000000000000:function:app-plan',
      why: 'a function by ARN',
    },
    { value: { Ref: 'Plan' }, is: 'app-plan', why: 'a function by name' },
    {
      value: { Ref: 'Machine' },
      is: 'arn:aws:states:us-east-1:000000000000:stateMachine:us-east-1',
      why: 'a state machine by ARN, with a reference in its name',
    },
    { value: { 'Fn::GetAtt': ['Machine', 'Name'] }, is: 'us-east-1', why: 'a state machine by name' },
    { value: { Ref: 'AWS::AccountId' }, is: '000000000000', why: 'a pseudo parameter' },
    { value: { 'Fn::Join': ['-', ['a', { Ref: 'Bucket' }]] }, is: 'a-work', why: 'a join with a reference' },
    {
      value: { 'Fn::Sub': '$' + '{AWS::Region}/$' + '{Bucket.Arn}/$' + '{!kept}' },
      is: 'us-east-1/arn:aws:s3:::work/$' + '{!kept}',
      why: 'a substitution, except for its escaped parts',
    },
    {
      value: { deep: [{ Ref: 'Bucket' }, 1, null, true] },
      is: { deep: ['work', 1, null, true] },
      why: 'references inside other values',
    },
  ])('references in a template resolve: $why', ({ value, is }) => {
    expect(references.resolve(value)).toEqual(is);
  });

  it.each([
    { value: { 'Fn::ImportValue': 'x' }, says: 'Fn::ImportValue is not supported locally: "x"' },
    { value: { 'Fn::Sub': ['x', {}] }, says: 'Fn::Sub is not supported' },
    { value: { 'Fn::Select': [0, []] }, says: 'Fn::Select is not supported' },
    { value: { Ref: 'Nobody' }, says: 'the template refers to Nobody, which it does not contain' },
    { value: { Ref: 'Topic' }, says: 'references to AWS::SNS::Topic are not supported locally: Topic' },
    {
      value: { 'Fn::GetAtt': ['Bucket', 'DomainName'] },
      says: 'the attribute DomainName of Bucket is not supported locally',
    },
    { value: { Ref: 'AWS::StackId' }, says: 'the template refers to AWS::StackId' },
  ])('an unsupported reference in a template is refused by name: $says', ({ value, says }) => {
    expect(() => references.resolve(value)).toThrow(says);
  });
});
