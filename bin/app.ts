import { Annotations, App, CfnRule, CfnWaitConditionHandle, Fn, Stack, Validations } from 'aws-cdk-lib';
import { ContextError, NoBucketsError, parseContext } from '../lib/context.ts';
import { S3CopyStack } from '../lib/stack.ts';

/** The CDK's own switch for checks of the templates. It also turns off the rules of cdk-nag. */
const checks = process.env['CDK_VALIDATION'] !== 'false';

/**
 * Adds the stack. When no bucket is named, adds a stack that contains only an error. The app does not know which command
 * runs it: the error stops `cdk deploy`, `synth` and `diff`, but not `cdk bootstrap` and `destroy`.
 */
function addStack(app: App): void {
  try {
    const settings = parseContext(app.node.getAllContext());
    new S3CopyStack(app, settings.name, { settings });
  } catch (error) {
    if (!(error instanceof NoBucketsError)) throw error;
    const stack = new Stack(app, error.stackName);
    Annotations.of(stack).addError(error.message);
    // A stack needs a resource. If errors are ignored, the rule keeps this stack from replacing a real one.
    new CfnWaitConditionHandle(stack, 'Nothing');
    new CfnRule(stack, 'BucketsAreNamed', {
      assertions: [
        {
          assert: Fn.conditionEquals('none', 'some'),
          assertDescription: 'No bucket is named. See the README.',
        },
      ],
    });
  }
}

/** Runs the CDK app. Errors in the context are printed without a stack trace. */
try {
  const app = new App({ autoSynth: false });
  addStack(app);
  if (checks) {
    const { AwsSolutionsChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
  app.synth();
} catch (error) {
  if (!(error instanceof ContextError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
