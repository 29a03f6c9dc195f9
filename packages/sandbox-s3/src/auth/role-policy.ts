/** A statement of a policy, as in a CloudFormation template. Every statement allows; there is no `Deny`. */
export interface PolicyStatement {
  readonly Action: string | readonly string[];
  /** ARNs, in which `*` stands for any characters and `?` for one. */
  readonly Resource: string | readonly string[];
}

/** What a role may do. */
export interface RolePolicy {
  /** Name of the role or its owner, for messages. */
  readonly name: string;
  readonly statements: readonly PolicyStatement[];
}

const makePattern = (resource: string): RegExp => {
  const source = resource.replace(/[\\^$.+?()[\]{}|*]/g, (character) => {
    if (character === '*') return '[^]*';
    return character === '?' ? '[^]' : `\\${character}`;
  });
  return new RegExp(`^${source}$`, 'u');
};

/** Decides as IAM does: an action that no statement allows is denied. */
export class Permissions {
  readonly name: string;
  readonly #byAction = new Map<string, RegExp[]>();

  constructor({ name, statements }: RolePolicy) {
    this.name = name;
    for (const { Action, Resource } of statements) {
      const patterns = [Resource].flat().map(makePattern);
      for (const action of [Action].flat()) {
        this.#byAction.set(action, [...(this.#byAction.get(action) ?? []), ...patterns]);
      }
    }
  }

  /** @param resource ARN of a bucket, an object or a role */
  allow(action: string, resource: string): boolean {
    return this.#byAction.get(action)?.some((pattern) => pattern.test(resource)) ?? false;
  }
}
