import { App, Validations } from 'aws-cdk-lib';
import { ContextError, parseContext } from '../lib/context.ts';
import { S3CopyStack } from '../lib/stack.ts';

/** The CDK's own switch for its checks of the templates; the rules of cdk-nag go with them. */
const checks = process.env['CDK_VALIDATION'] !== 'false';

/** The CDK app. What is wrong with the context is told in words, without a stack trace. */
try {
  const app = new App({ autoSynth: false });
  const settings = parseContext(app.node.getAllContext());
  new S3CopyStack(app, settings.name, { settings });
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
