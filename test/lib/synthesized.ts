import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { parseContext } from '../../lib/context.ts';
import { S3CopyStack } from '../../lib/stack.ts';

/** A resource of a template, as far as tests look at it. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is any JSON, and a test that reads past it fails
  readonly Properties: any;
}

/** Buckets that every test names unless it is about them. */
export const buckets = { source: 'source-bucket', destination: 'destination-bucket' };

/** The app's stack for some context, without bundles and without the CDK's own checks: those are for `cdk synth`. */
export function templateOf(context: Readonly<Record<string, unknown>> = buckets): Template {
  process.env['CDK_VALIDATION'] = 'false';
  const app = new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...context } });
  const settings = parseContext(app.node.getAllContext());
  return Template.fromStack(new S3CopyStack(app, settings.name, { settings }));
}

/** Resources of one type, by logical id. */
export const resourcesOf = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

/** Writes references as `<LogicalId.Attribute>`, so that values with them are text. */
export function flat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (Ref !== undefined) return `<${Ref}>`;
  if (attribute !== undefined) return `<${(attribute as string[]).join('.')}>`;
  if (join !== undefined) {
    const [separator, values] = join as [string, unknown[]];
    return values.map(flat).join(separator);
  }
  return JSON.stringify(value);
}
