import { Annotations, App, CfnRule, CfnWaitConditionHandle, Fn, Stack, Validations } from 'aws-cdk-lib';
import { ContextError, NoBucketsError, parseContext } from '../lib/context.ts';
import { S3CopyStack } from '../lib/stack.ts';

/** The CDK's own switch for its checks of the templates; the rules of cdk-nag go with them. */
const checks = process.env['CDK_VALIDATION'] !== 'false';

/**
 * Adds the stack, or one with nothing in it but an error when no bucket is named. The app does not know which command it runs
 * for: with that error `cdk deploy`, `synth` and `diff` fail, and `cdk bootstrap` and `destroy` do not look at it.
 */
function addStack(app: App): void {
  try {
    const settings = parseContext(app.node.getAllContext());
    new S3CopyStack(app, settings.name, { settings });
  } catch (error) {
    if (!(error instanceof NoBucketsError)) throw error;
    const stack = new Stack(app, error.stackName);
    Annotations.of(stack).addError(error.message);
    // A stack must have a resource. Where errors are ignored, the rule keeps it from taking the place of a real one.
    new CfnWaitConditionHandle(stack, 'Nothing');
    new CfnRule(stack, 'BucketsAreNamed', {
      assertions: [
        {
          assert: Fn.conditionEquals('none', 'some'),
          assertDescription: 'No bucket is named: see the README',
        },
      ],
    });
  }
}

/** The CDK app. What is wrong with the context is told in words, without a stack trace. */
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
