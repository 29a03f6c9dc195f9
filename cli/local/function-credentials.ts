import { randomUUID } from 'node:crypto';
import type { Credentials } from 'sandbox-s3/credentials';
import type { Application } from './synthesis/application.ts';

/** The principal of everything that runs locally. Fault rules of the sandbox store match requests by it. */
export const localPrincipal = 'local';

/** Locally no deployment limits the roles that a copy request may name. */
const anyRole = { Action: 'sts:AssumeRole', Resource: '*' } as const;

/**
 * Creates credentials for each function, by its ARN, that allow what the policies of its role allow.
 *
 * @param takesAnyRole whether the functions may also assume any role
 */
export function createFunctionCredentials(
  { functions, stateMachineName }: Application,
  takesAnyRole: boolean,
): Readonly<Record<string, Credentials>> {
  const entries = Object.entries(functions).map(([arn, { name, statements }]) => {
    const policy = {
      name: name.slice(stateMachineName.length + 1),
      statements: takesAnyRole ? [...statements, anyRole] : statements,
    };
    const keys = { accessKeyId: name, secretAccessKey: randomUUID() };
    return [arn, { ...keys, principal: localPrincipal, policy }] as const;
  });
  return Object.fromEntries(entries);
}
