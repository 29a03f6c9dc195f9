import { describe, expect, it } from 'vitest';
import { loadDefinition } from '../src/definition/load.ts';
import { distributed, graph, machine, reader, task } from './support/harness.ts';

const load = (definition: object) => () => loadDefinition(definition);
const one = (state: object) => machine({ Only: state });

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html (read 2026-11-22)
describe('a definition', () => {
  it.each([
    {
      what: 'an unknown state type',
      state: { Type: 'Activity', End: true },
      says: 'state type "Activity" is not supported',
    },
    {
      what: 'JSONPath in a state',
      state: task('f', { InputPath: '$' }),
      says: 'state "Only": field "InputPath" is not supported',
    },
    {
      what: 'a heartbeat',
      state: task('f', { HeartbeatSeconds: 1 }),
      says: 'field "HeartbeatSeconds" is not supported',
    },
    {
      what: 'an unsupported resource',
      state: task('f', { Resource: 'arn:aws:states:::sqs:sendMessage' }),
      says: 'only the resource',
    },
    {
      what: 'a qualifier',
      state: task('f', { Arguments: { FunctionName: 'f', Qualifier: '1' } }),
      says: 'field "Arguments.Qualifier" is not supported',
    },
    {
      what: 'another query language',
      state: { Type: 'Pass', QueryLanguage: 'JSONPath', End: true },
      says: 'only QueryLanguage "JSONata"',
    },
    {
      what: 'a field of another type of state',
      state: { Type: 'Pass', End: true, TimeoutSeconds: 1 },
      says: 'field "TimeoutSeconds"',
    },
    { what: 'a state without Next and End', state: { Type: 'Pass' }, says: 'must have either Next or End' },
    {
      what: 'a state with both Next and End',
      state: { Type: 'Pass', Next: 'Only', End: true },
      says: 'must have either Next or End',
    },
    {
      what: 'a transition to a missing state',
      state: { Type: 'Pass', Next: 'Gone' },
      says: 'there is no state "Gone"',
    },
    {
      what: 'invalid JSONata',
      state: { Type: 'Pass', End: true, Output: '{% a[1,2) %}' },
      says: 'is not valid JSONata',
    },
    {
      what: 'a bare name',
      state: { Type: 'Pass', End: true, Output: '{% phone.home %}' },
      says: 'refers to "phone" at the top level',
    },
    {
      what: 'the root reference $$',
      state: { Type: 'Pass', End: true, Output: '{% $$.a %}' },
      says: 'refers to $$',
    },
    {
      what: 'the reserved variable name',
      state: { Type: 'Pass', End: true, Assign: { states: 1 } },
      says: 'reserved',
    },
    {
      what: 'States.ALL together with other names',
      state: task('f', { Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] }),
      says: 'must be the only name',
    },
    {
      what: 'States.ALL before other entries',
      state: task('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }),
      says: 'must be the last one',
    },
    {
      what: 'a MaxDelaySeconds above a year',
      state: task('f', { Retry: [{ ErrorEquals: ['X'], MaxDelaySeconds: 31_622_401 }] }),
      says: 'MaxDelaySeconds',
    },
    {
      what: 'EXPRESS children',
      state: {
        Type: 'Map',
        End: true,
        ItemProcessor: {
          ...graph({ A: task('f') }),
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        },
      },
      says: 'only ExecutionType "STANDARD"',
    },
    {
      what: 'a label on an inline map',
      state: { Type: 'Map', End: true, Label: 'L', ItemProcessor: graph({ A: task('f') }) },
      says: 'field "Label" is allowed only in a Distributed Map',
    },
    {
      what: 'an ItemBatcher',
      state: { Type: 'Map', End: true, ItemBatcher: {}, ItemProcessor: graph({ A: task('f') }) },
      says: 'field "ItemBatcher" is not supported',
    },
    {
      what: 'a label of 41 characters',
      state: {
        Type: 'Map',
        End: true,
        Label: 'L'.repeat(41),
        ItemProcessor: {
          ...graph({ A: task('f') }),
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        },
      },
      says: 'Label',
    },
  ])('loading refuses a definition with $what', ({ state, says }) => {
    expect(load(one(state))).toThrow(says);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
  it.each([...' ?*<>{}[]:;,\\|^~$#%&`"\u0001\u009f\ufffe\uffff😀', '\ud800'])(
    'loading refuses a label with %j',
    (character) => {
      const Label = `a${character}b`;
      expect(load(one(distributed({ A: task('f') }, { Label })))).toThrow('Label: must not contain blanks');
    },
  );

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
  it('a label may have 40 characters that are not ASCII', () => {
    expect(load(one(distributed({ A: task('f') }, { Label: 'ü'.repeat(40) })))).not.toThrow();
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (read 2026-11-22)
  it('loading refuses two maps with the same label, nested or not', () => {
    const inner = { M: distributed({ A: task('f') }) };
    const definition = machine({
      First: distributed({ B: task('f') }, { Next: 'Second' }),
      Second: { Type: 'Parallel', End: true, Branches: [graph(inner)] },
    });
    expect(load(definition)).toThrow('label "Orders" is used twice');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html (read 2026-11-22)
  it('loading refuses two states with the same name, nested or not', () => {
    const inner = { Only: { Type: 'Succeed' } };
    expect(load(one({ Type: 'Parallel', End: true, Branches: [graph(inner)] }))).toThrow(
      'state name "Only" is used twice',
    );
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it.each(['{% 1 ', '1 %}', '{% $x %} ', ' {% $x %}', 'plain {% $x %}', '{%}'])(
    'loading refuses the incomplete or misplaced delimiters of "%s"',
    (Output) => {
      expect(load(one({ Type: 'Pass', End: true, Output: { a: [Output] } }))).toThrow(
        'is not a valid expression',
      );
    },
  );

  const ofSuccess = '{% $states.result %}';
  const caught = (more: object) => task('f', { Catch: [{ ErrorEquals: ['X'], Next: 'Only', ...more }] });
  it.each([
    { what: 'Output of a Pass', state: { Type: 'Pass', End: true, Output: ofSuccess } },
    { what: 'Assign of a Wait', state: { Type: 'Wait', Seconds: 1, End: true, Assign: { a: ofSuccess } } },
    { what: 'Arguments', state: task('f', { Arguments: { FunctionName: 'f', Payload: [ofSuccess] } }) },
    { what: 'TimeoutSeconds', state: task('f', { TimeoutSeconds: ofSuccess }) },
    { what: 'a catcher', state: caught({ Output: ofSuccess }) },
    {
      what: 'Items',
      state: { Type: 'Map', End: true, Items: ofSuccess, ItemProcessor: graph({ A: task('f') }) },
    },
    {
      what: 'a Condition',
      state: {
        Type: 'Choice',
        Default: 'Only',
        Choices: [{ Condition: '{% $states.result > 1 %}', Next: 'Only' }],
      },
    },
  ])('loading refuses $states.result in $what', ({ state }) => {
    expect(load(one(state))).toThrow('refers to $states.result, which exists only in Output and Assign of');
  });

  it.each([
    '$states.errorOutput',
    '$states["errorOutput"]',
    '$states."errorOutput"',
    '($states).errorOutput',
    '($states)["errorOutput"]',
    '$states.{"a": errorOutput}',
    '$states.(errorOutput.Cause)',
    '$states{"a": errorOutput}',
    '$exists($states.errorOutput)',
    '[1][$states.errorOutput]',
  ])('loading refuses %s outside a catcher', (expression) => {
    expect(load(one(task('f', { Output: `{% ${expression} %}` })))).toThrow(
      'refers to $states.errorOutput, which exists only in Output and Assign of a catcher',
    );
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it('a definition may use $states.result and $states.errorOutput where they exist, and input fields of the same names', () => {
    const fields = (text: string) => ({ Output: `{% ${text} %}`, Assign: { a: [`{% ${text} %}`] } });
    const inner = { In: { Type: 'Succeed', Output: '{% $states.input.result[errorOutput > 1] %}' } };
    const Catch = [{ ErrorEquals: ['X'], Next: 'P', ...fields('$states.errorOutput.Cause') }];
    const definition = machine({
      T: task('f', { Next: 'P', Catch, ...fields('($states).result.Payload') }),
      P: { Type: 'Parallel', Next: 'M', Branches: [graph(inner)], ...fields('$states["result"]') },
      M: {
        Type: 'Map',
        End: true,
        ItemProcessor: graph({ I: { Type: 'Succeed' } }),
        ...fields('$states.result'),
      },
    });
    expect(load(definition)).not.toThrow();
  });

  it('the error for an unknown field in a nested state names every state on the way to it', () => {
    const inner = {
      Type: 'Map',
      End: true,
      ItemProcessor: graph({ Deep: { Type: 'Pass', End: true, ResultPath: '$' } }),
    };
    const definition = one({ Type: 'Parallel', End: true, Branches: [graph({ Inner: inner })] });
    expect(load(definition)).toThrow(
      'state "Only"[0] > "Inner" > "Deep": field "ResultPath" is not supported',
    );
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('loading refuses an inner scope that assigns a variable of its outer scope', () => {
    const inner = graph({ Inner: { Type: 'Pass', End: true, Assign: { x: 2 } } });
    const definition = machine({
      First: { Type: 'Pass', Next: 'Both', Assign: { x: 1 } },
      Both: { Type: 'Parallel', End: true, Branches: [inner] },
    });
    expect(load(definition)).toThrow('variable "x" is already assigned in an outer scope');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it('loading refuses a scope two levels down that assigns a variable of the outermost scope', () => {
    const innermost = graph({ Innermost: { Type: 'Pass', End: true, Assign: { x: 2 } } });
    const inner = graph({ Inner: { Type: 'Parallel', End: true, Branches: [innermost] } });
    const definition = machine({
      First: { Type: 'Pass', Next: 'Both', Assign: { x: 1 } },
      Both: { Type: 'Parallel', End: true, Branches: [inner] },
    });
    expect(load(definition)).toThrow('variable "x" is already assigned in an outer scope');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it("children of a Distributed Map may assign a variable of their parent's name, because they do not see the parent's variables", () => {
    const processor = {
      ...graph({ Inner: { Type: 'Pass', End: true, Assign: { x: 2 } } }),
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    };
    const definition = machine({
      First: { Type: 'Pass', Next: 'Each', Assign: { x: 1 } },
      Each: { Type: 'Map', End: true, ItemProcessor: processor },
    });
    expect(load(definition)).not.toThrow();
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html (read 2026-11-22)
  it.each([
    { field: 'ItemSelector', value: { x: '{% $x %}' } },
    { field: 'ItemReader', value: reader('{% $x & "/" %}') },
    { field: 'MaxConcurrency', value: '{% $count([$x]) %}' },
    { field: 'Output', value: '{% $x %}' },
  ])(
    'loading refuses a Distributed Map whose $field refers to a variable of the workflow',
    ({ field, value }) => {
      const definition = (variable: object) =>
        machine({
          First: { Type: 'Pass', Next: 'Both', Assign: variable },
          Both: {
            Type: 'Parallel',
            End: true,
            Branches: [graph({ M: distributed({ A: task('f') }, { [field]: value }) })],
          },
        });
      expect(load(definition({ x: 1 }))).toThrow('refers to $x, but a Distributed Map cannot use variables');
      expect(load(definition({ y: 1 }))).not.toThrow();
    },
  );

  it('the fields of an inline map may use variables of the workflow', () => {
    const M = { Type: 'Map', End: true, Items: '{% $x %}', ItemProcessor: graph({ A: task('f') }) };
    expect(load(machine({ First: { Type: 'Pass', Next: 'M', Assign: { x: [1] } }, M }))).not.toThrow();
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html (read 2026-11-22)
  it('an expression may use names after the first step of a path and in predicates', () => {
    const definition = machine({
      Try: task('f', {
        Next: 'End',
        Catch: [{ ErrorEquals: ['X'], Next: 'End', Output: '{% $states.errorOutput.Cause %}' }],
      }),
      End: {
        Type: 'Succeed',
        Output: '{% $map($states.input.items[value > 3], function($i) { $i.name & "x" }) %}',
      },
    });
    expect(load(definition)).not.toThrow();
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (read 2026-11-22)
  it('loading refuses a definition of more than 1 MiB', () => {
    expect(load(one({ Type: 'Pass', End: true, Comment: 'x'.repeat(1024 ** 2) }))).toThrow(
      'more than the limit of 1048576',
    );
  });
});
