import validate from 'asl-validator';
import type { Template } from 'aws-cdk-lib/assertions';
import { loadDefinition } from 'step-functions-local/definition';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  allStates,
  definitionOf,
  type Graph,
  innerGraphs,
  nextOf,
  type State,
  stateNamed,
} from './definition.ts';
import { resourcesOf, templateOf } from './synthesized.ts';

const tasksOf = (graph: Graph): readonly (readonly [string, State])[] =>
  allStates(graph).filter(([, { Type }]) => Type === 'Task');

describe('Pipeline', () => {
  let template: Template;
  let definition: ReturnType<typeof definitionOf>;

  beforeAll(() => {
    template = templateOf();
    definition = definitionOf(template);
  });

  it('is valid Amazon States Language', () => {
    const arns = JSON.parse(JSON.stringify(definition).replaceAll('<AWS::Partition>', 'aws'));
    expect(validate(arns)).toMatchObject({ isValid: true, errors: [] });
  });

  it('has nothing that the embedded engine would refuse', () => {
    const arns = JSON.stringify(definition).replaceAll('<AWS::Partition>', 'aws');
    expect(() => loadDefinition(arns)).not.toThrow();
  });

  it('ends after 20 days, which a redrive may follow for 14 before the files of the run expire', () => {
    expect(definition.TimeoutSeconds).toBe(20 * 24 * 60 * 60);
  });

  it('logs errors without the data of executions', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      StateMachineName: 's3copy',
      LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/vendedlogs/states/s3copy' });
  });

  it('waits longer for each task than its function may take, so that the function ends first', () => {
    const timeouts = new Map(
      resourcesOf(template, 'AWS::Lambda::Function').map(([id, fn]) => [
        `<${id}.Arn>`,
        fn.Properties.Timeout,
      ]),
    );
    for (const [name, { TimeoutSeconds, Arguments }] of tasksOf(definition)) {
      expect(TimeoutSeconds, name).toBeGreaterThan(timeouts.get(Arguments?.FunctionName ?? ''));
    }
  });

  it.each([
    'Lambda.TooManyRequestsException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'Runtime.ExitError',
    'Runtime.OutOfMemory',
    'TimeoutError',
    'States.Timeout',
    'StorageError',
  ])('retries %s in every task, since every task is idempotent', (error) => {
    for (const [name, { Retry = [] }] of tasksOf(definition)) {
      const retriers = Retry.filter(({ ErrorEquals }) => ErrorEquals.includes(error));
      expect(retriers, name).toHaveLength(1);
    }
  });

  it('never retries what will not pass', () => {
    const retried = tasksOf(definition).flatMap(([, { Retry = [] }]) =>
      Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
    );
    for (const error of [
      'States.ALL',
      'States.TaskFailed',
      'ObjectsFailedError',
      'DeleteGuardError',
      'InvalidRequestError',
      'RunFileError',
    ]) {
      expect(retried).not.toContain(error);
    }
  });

  it('spreads retries with full jitter, and none waits longer than an hour', () => {
    for (const [name, { Retry = [] }] of tasksOf(definition)) {
      for (const { JitterStrategy, MaxDelaySeconds } of Retry) {
        expect(JitterStrategy, name).toBe('FULL');
        expect(MaxDelaySeconds, name).toBeLessThanOrEqual(3_600);
      }
    }
  });

  it('labels both map runs, and neither stops at a failure', () => {
    const maps = allStates(definition).filter(
      ([, { ItemProcessor }]) => ItemProcessor?.ProcessorConfig.Mode === 'DISTRIBUTED',
    );
    expect(maps.map(([, { Label }]) => Label)).toEqual(['Objects', 'Multipart']);
    for (const [, { Label = '', ToleratedFailurePercentage }] of maps) {
      expect(Label.length).toBeLessThanOrEqual(40);
      expect(ToleratedFailurePercentage).toBe(100);
    }
  });

  it('has nothing behind Report that could fail: a redrive has to come back to Report itself', () => {
    const seen = new Set<string>();
    const visit = (names: readonly string[]): void => {
      for (const name of names.filter((each) => !seen.has(each))) {
        seen.add(name);
        visit(nextOf(definition.States[name] as State));
      }
    };
    visit(['Report']);
    expect([...seen].sort()).toEqual([
      'Copy',
      'Delete',
      'Deleted?',
      'Done',
      'Reconcile',
      'Reconciled?',
      'Report',
      'Reported?',
    ]);
    expect([...seen].filter((name) => definition.States[name]?.Type === 'Fail')).toEqual([]);
    expect(stateNamed(definition, 'Report').Catch).toBeUndefined();
  });

  it('lets every error of the main line fail the execution: only groups of parts catch', () => {
    const catching = allStates(definition).filter(([, state]) => state.Catch !== undefined);
    expect(catching.map(([name]) => name)).toEqual(['Make temp files', 'Make part files', 'Copy parts']);
  });

  it('keeps no variables in children: a state that only sets them is not run again by a redrive', () => {
    const maps = allStates(definition).filter(([, state]) => state.ItemProcessor !== undefined);
    const inner = maps.flatMap(([, state]) => innerGraphs(state).flatMap(allStates));
    expect(inner.filter(([, { Assign }]) => Assign !== undefined)).toEqual([]);
    expect(inner.filter(([, { Type }]) => Type === 'Pass')).toEqual([]);
  });

  it('lets the state machine redrive the children of both map runs', () => {
    const resources = resourcesOf(template, 'AWS::IAM::Policy').map(([, { Properties }]) =>
      JSON.stringify(Properties),
    );
    const redrive = resources.find((policy) => policy.includes('states:RedriveExecution'));
    expect(redrive).toContain('/Objects:*');
    expect(redrive).toContain('/Multipart:*');
  });

  it('keeps a copy of the whole graph for review', () => {
    const edges = allStates(definition).map(([name, state]) => {
      const inner = innerGraphs(state).map(({ StartAt }) => `(${StartAt})`);
      return `${state.Type} ${name}: ${[...inner, ...nextOf(state)].join(', ')}`;
    });
    expect(edges).toMatchInlineSnapshot(`
      [
        "Task Prepare: Plan",
        "Task Plan: Planned?",
        "Choice Planned?: Report, Plan, Copy, Delete",
        "Task Report: Reported?",
        "Choice Reported?: Done, Report, Copy",
        "Succeed Done: ",
        "Parallel Copy: (Any objects?), (Any multipart?), Reconcile",
        "Choice Any objects?: No objects, Each batch of objects",
        "Pass No objects: ",
        "Map Each batch of objects: (Copy objects)",
        "Task Copy objects: Objects remain?",
        "Choice Objects remain?: Batch done, Copy objects",
        "Succeed Batch done: ",
        "Choice Any multipart?: No multipart, Each batch of multipart",
        "Pass No multipart: ",
        "Map Each batch of multipart: (Open object)",
        "Task Open object: Any parts?",
        "Choice Any parts?: Object done, Parts",
        "Succeed Object done: ",
        "Map Parts: (Which strategy?), All parts there?",
        "Choice Which strategy?: Make temp files, Copy parts",
        "Task Make temp files: Temp files made?, Group ends",
        "Choice Temp files made?: Group ends, Make part files, Make temp files",
        "Succeed Group ends: ",
        "Task Make part files: Part files made?, Group ends",
        "Choice Part files made?: Group ends, Make part files",
        "Task Copy parts: Parts copied?, Group ends",
        "Choice Parts copied?: Group ends, Copy parts",
        "Choice All parts there?: Parts are missing, Finalize object",
        "Fail Parts are missing: ",
        "Task Finalize object: Object remains?",
        "Choice Object remains?: Object done, Finalize object",
        "Choice Reconciled?: Report, Reconcile, Copy, Delete",
        "Task Reconcile: Reconciled?",
        "Task Delete: Deleted?",
        "Choice Deleted?: Report, Delete",
      ]
    `);
  });
});
