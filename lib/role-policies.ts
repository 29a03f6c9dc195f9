import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Policy, type PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { flat } from './acknowledge.ts';
import { ContextError } from './context.ts';

/**
 * What IAM allows: characters of all policies that a role has of its own, characters of a managed policy, and
 * managed policies of a role.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (read 2026-11-22)
 */
const quota = { own: 10_240, managed: 6_144, policies: 10 } as const;

/** Room for the version around the statements, and for small policies that others attach to the role. */
const reserved = { own: 740, managed: 144 } as const;

/** What is known only when the stack is deployed: the ARN of a log group or of the work bucket. */
const longestReference = 140;

/** A statement longer than that is cut in two, so that little room in a policy stays unused. */
const longestStatement = 1_500;

/**
 * Gives a role these statements: in a policy of its own as far as they fit, and the others in managed policies. CDK
 * would split a large policy only while it synthesizes, when nothing can be acknowledged or refused any more, and
 * never splits a statement.
 *
 * @param step of the pipeline, for the message
 * @throws {ContextError} when IAM allows a role no more policies
 */
export function attachStatements(role: Role, step: string, statements: readonly PolicyStatement[]): void {
  const sizeOf = (statement: PolicyStatement): number => written(role, statement).length + 1;
  const [first = [], ...others] = packed(
    statements.flatMap((statement) => cut(statement, sizeOf)),
    sizeOf,
  );
  if (others.length > quota.policies) {
    throw new ContextError(
      `the role of ${step} needs ${others.length} managed policies to name all buckets, and IAM allows ${quota.policies}: ` +
        'name fewer buckets, deploy a second stack under another name (-c name=), or use * and limit the permissions at the buckets',
    );
  }
  new Policy(role, 'DefaultPolicy', { roles: [role], statements: first });
  for (const [index, own] of others.entries()) {
    new ManagedPolicy(role, `Policy${index + 2}`, {
      description: `More of what ${step} may do`,
      roles: [role],
      statements: own,
    });
  }
}

/** As IAM counts it: without blanks. */
const written = (role: Role, statement: PolicyStatement): string => {
  const { Resource, ...rest } = Stack.of(role).resolve(statement.toStatementJson()) as { Resource: unknown };
  const resources = (Array.isArray(Resource) ? Resource : [Resource]).map(flat);
  return JSON.stringify({ ...rest, Resource: resources }).replaceAll(
    /<(?!AWS::)[^>]+>/g,
    '-'.repeat(longestReference),
  );
};

/** Cuts the list of resources until each statement is short enough. Ids of statements are unique in a policy. */
function cut(statement: PolicyStatement, sizeOf: (statement: PolicyStatement) => number): PolicyStatement[] {
  const { resources, sid } = statement;
  const count = Math.min(Math.ceil(sizeOf(statement) / longestStatement), resources.length);
  if (count <= 1) return [statement];
  const each = Math.ceil(resources.length / count);
  return Array.from({ length: Math.ceil(resources.length / each) }, (_, index) =>
    statement.copy({
      ...(sid === undefined ? {} : { sid: `${sid}${index === 0 ? '' : index + 1}` }),
      resources: resources.slice(index * each, (index + 1) * each),
    }),
  );
}

/** Puts each statement into the first policy that has room for it. */
function packed(
  statements: readonly PolicyStatement[],
  sizeOf: (statement: PolicyStatement) => number,
): PolicyStatement[][] {
  const policies = [{ room: quota.own - reserved.own, statements: [] as PolicyStatement[] }];
  for (const statement of statements) {
    const size = sizeOf(statement);
    let policy = policies.find(({ room }) => room >= size);
    if (policy === undefined) {
      policy = { room: quota.managed - reserved.managed, statements: [] };
      policies.push(policy);
    }
    policy.room -= size;
    policy.statements.push(statement);
  }
  return policies.map((policy) => policy.statements);
}
