import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ContextError, parseContext } from '../lib/context.ts';
import { S3CopyStack } from '../lib/stack.ts';

/** The CDK app. What is wrong with the context is told in words, without a stack trace. */
try {
  const app = new App({ autoSynth: false });
  const settings = parseContext(app.node.getAllContext());
  new S3CopyStack(app, settings.name, { settings });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
} catch (error) {
  if (!(error instanceof ContextError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
