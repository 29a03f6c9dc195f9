/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The values that references of a template resolve to. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The name of the only bucket of the template. */
  readonly bucket: string;
}

/** The template contains something that is not supported locally. The message names it. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

interface Identity {
  /** The value of `Ref`. */
  readonly ref: string;
  /** The values of `Fn::GetAtt`, by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Resolves the references in a template: `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub` with buckets, functions, state
 * machines and pseudo parameters.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html (read 2026-11-22)
 */
export class References {
  readonly #resources: Readonly<Record<string, TemplateResource>>;
  readonly #place: Place;

  constructor(resources: Readonly<Record<string, TemplateResource>>, place: Place) {
    this.#resources = resources;
    this.#place = place;
  }

  /** @throws {TemplateError} that names the function, the resource or the attribute that is not supported */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const [name, argument] = Object.entries(value)[0] ?? [];
    if (name === 'Ref') return this.#ref(String(argument));
    if (name?.startsWith('Fn::')) return this.#call(name, argument);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner)]));
  }

  #call(name: string, argument: unknown): string {
    if (name === 'Fn::GetAtt') {
      const [id, attribute] = argument as [string, string];
      return this.#attribute(id, attribute);
    }
    if (name === 'Fn::Join') {
      const [separator, values] = argument as [string, unknown[]];
      return values.map((value) => this.resolve(value)).join(separator);
    }
    if (name === 'Fn::Sub' && typeof argument === 'string') return this.#substitute(argument);
    throw new TemplateError(`${name} is not supported locally: ${JSON.stringify(argument)}`);
  }

  #substitute(text: string): string {
    return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const [id = '', attribute] = name.split('.');
      return attribute === undefined ? this.#ref(id) : this.#attribute(id, attribute);
    });
  }

  #ref(id: string): string {
    const { partition, region, account } = this.#place;
    const pseudo: Record<string, string> = {
      'AWS::Partition': partition,
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::URLSuffix': 'amazonaws.com',
    };
    return pseudo[id] ?? this.#identity(id).ref;
  }

  #attribute(id: string, attribute: string): string {
    const found = this.#identity(id).attributes[attribute];
    if (found === undefined)
      throw new TemplateError(`the attribute ${attribute} of ${id} is not supported locally`);
    return found;
  }

  #identity(id: string): Identity {
    const resource = this.#resources[id];
    if (resource === undefined)
      throw new TemplateError(`the template refers to ${id}, which it does not contain`);
    const { partition, region, account, bucket } = this.#place;
    const place = `${region}:${account}`;
    const property = (name: string): string => String(this.resolve(resource.Properties?.[name]));
    if (resource.Type === 'AWS::S3::Bucket') {
      return { ref: bucket, attributes: { Arn: `arn:${partition}:s3:::${bucket}` } };
    }
    if (resource.Type === 'AWS::Lambda::Function') {
      const name = property('FunctionName');
      return { ref: name, attributes: { Arn: `arn:${partition}:lambda:${place}:function:${name}` } };
    }
    if (resource.Type === 'AWS::StepFunctions::StateMachine') {
      const name = property('StateMachineName');
      const arn = `arn:${partition}:states:${place}:stateMachine:${name}`;
      return { ref: arn, attributes: { Arn: arn, Name: name } };
    }
    throw new TemplateError(`references to ${resource.Type} are not supported locally: ${id}`);
  }
}
