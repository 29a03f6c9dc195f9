import { Stack, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, Policy } from 'aws-cdk-lib/aws-iam';
import type { Construct, IConstruct } from 'constructs';

/** Why a wildcard in the resources of a policy is right. */
export interface WildcardReason {
  /** Matches the resource as cdk-nag writes it, with references as `<LogicalId.Attribute>`. */
  readonly resource: RegExp;
  readonly reason: string;
}

/**
 * Acknowledges to cdk-nag the wildcard resources of every policy below a construct that one of the reasons
 * covers; any other still fails the synthesis. Wildcard actions are never acknowledged.
 */
export function acknowledgeWildcards(scope: Construct, reasons: readonly WildcardReason[]): void {
  const policies = scope.node.findAll().filter(isPolicy);
  for (const policy of policies) {
    for (const resource of resourcesOf(policy)) {
      const reason = reasons.find((known) => known.resource.test(resource))?.reason;
      if (reason === undefined || !resource.includes('*')) continue;
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
    }
  }
}

const isPolicy = (construct: IConstruct): construct is Policy | ManagedPolicy =>
  construct instanceof Policy || construct instanceof ManagedPolicy;

const resourcesOf = (policy: Policy | ManagedPolicy): Set<string> => {
  const { Statement: statements } = Stack.of(policy).resolve(policy.document.toJSON()) as {
    Statement: { Resource: unknown }[];
  };
  return new Set(
    statements.flatMap(({ Resource }) => (Array.isArray(Resource) ? Resource : [Resource]).map(flat)),
  );
};

/** Writes a resource as cdk-nag does: its finding ids are compared by text. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
  };
  if (Ref !== undefined) return `<${Ref}>`;
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  if (join !== undefined) return join[1].map(flat).join(join[0]);
  return JSON.stringify(value);
}
