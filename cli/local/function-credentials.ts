import { randomUUID } from 'node:crypto';
import type { Credentials } from 'sandbox-s3/credentials';
import type { Application } from './synthesis/application.ts';

/** Who everything that runs here is for the sandbox store, whatever its keys. */
export const localPrincipal = 'local';

/** Nothing of a deployment limits which roles the user of this machine may name. */
const anyRole = { Action: 'sts:AssumeRole', Resource: '*' } as const;

/**
 * Keys for each function, by its ARN, that allow what the policies of its role do.
 *
 * @param takesAnyRole they may also take on any role
 */
export function functionCredentials(
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
