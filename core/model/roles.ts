/** A role that reads, writes or lists in place of the functions' own. */
export interface Role {
  readonly arn: string;
  readonly externalId?: string | undefined;
}

/**
 * Stands in front of the names that the command line gives to credentials of this machine: it puts them into the
 * request where a role would be, so that the keys themselves are in no file and no history.
 */
export const localRoles = 'arn:aws:iam::000000000000:role/local/';
