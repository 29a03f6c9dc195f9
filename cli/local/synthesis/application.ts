import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyStatement } from 'sandbox-s3/role-policy';
import { References, TemplateError, type TemplateResource } from './references.ts';

/** The account id of everything that runs locally. */
export const localAccount = '000000000000';
/** The region of everything that runs locally. */
export const localRegion = 'us-east-1';

/** A function of the app with everything that is needed to run it. */
export interface ApplicationFunction {
  readonly name: string;
  /** The absolute path of the folder with its bundle. */
  readonly directory: string;
  /** The module and the export, such as `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** What the policies of its role allow in S3 and STS. */
  readonly statements: readonly PolicyStatement[];
}

/** The synthesized app with its references resolved. */
export interface Application {
  /** The definition of the state machine as JSON text. */
  readonly definition: string;
  readonly stateMachineName: string;
  readonly stateMachineArn: string;
  /** Name of the work bucket. */
  readonly workBucket: string;
  /** The functions by ARN, as the definition names them. */
  readonly functions: Readonly<Record<string, ApplicationFunction>>;
}

type Resources = Readonly<Record<string, TemplateResource>>;

/**
 * Reads the state machine and its functions from a cloud assembly.
 *
 * @param assembly the folder of the assembly, with one stack
 * @throws {TemplateError} when the template contains something that is not supported locally
 */
export async function readApplication(assembly: string): Promise<Application> {
  const { Resources: resources } = await readJson<{ Resources: Resources }>(assembly, '.template.json');
  const { files } = await readJson<AssetManifest>(assembly, '.assets.json');
  const [machineId, machine] = findOnly(resources, 'AWS::StepFunctions::StateMachine');
  findOnly(resources, 'AWS::S3::Bucket');
  const stateMachineName = String(machine.Properties?.['StateMachineName']);
  const workBucket = `${stateMachineName.toLowerCase()}-work`;
  const place = { partition: 'aws', region: localRegion, account: localAccount, bucket: workBucket };
  const references = new References(resources, place);
  const functions = filterByType(resources, 'AWS::Lambda::Function').map(([id, { Properties = {} }]) => {
    const arn = String(references.resolve({ 'Fn::GetAtt': [id, 'Arn'] }));
    const statements = readStatements(Properties['Role'], resources, references);
    const read = readFunction(references.resolve(omitRole(Properties)), { assembly, files });
    return [arn, { ...read, statements }] as const;
  });
  return {
    definition: String(references.resolve(machine.Properties?.['DefinitionString'])),
    stateMachineName,
    stateMachineArn: String(references.resolve({ Ref: machineId })),
    workBucket,
    functions: Object.fromEntries(functions),
  };
}

interface AssetManifest {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

async function readJson<T>(folder: string, ending: string): Promise<T> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) {
    throw new TemplateError(
      `expected one file that ends in ${ending} in ${folder}, but found ${names.length}`,
    );
  }
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
}

const filterByType = (resources: Resources, type: string) =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

function findOnly(resources: Resources, type: string): readonly [string, TemplateResource] {
  const [found, ...others] = filterByType(resources, type);
  if (found === undefined || others.length > 0) {
    throw new TemplateError(
      `expected one ${type} in the template, but found ${others.length + (found ? 1 : 0)}`,
    );
  }
  return found;
}

/** The types of policies that refer to their roles. */
const policyTypes: ReadonlySet<string> = new Set(['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']);

interface StatementInTemplate extends PolicyStatement {
  readonly Effect: string;
  readonly Condition?: unknown;
}

const inSandbox = ({ Action }: StatementInTemplate): boolean =>
  [Action].flat().some((action) => /^(s3|sts):/.test(action));

/**
 * Reads what a role may do in S3 and STS.
 *
 * @throws {TemplateError} when a statement has a condition or an effect other than Allow
 */
function readStatements(role: unknown, resources: Resources, references: References): PolicyStatement[] {
  const { 'Fn::GetAtt': [roleId] = [] } = role as { 'Fn::GetAtt'?: string[] };
  const policies = Object.values(resources).filter(({ Type, Properties }) => {
    const roles = policyTypes.has(Type) ? (Properties?.['Roles'] as { Ref?: string }[] | undefined) : [];
    return roles?.some(({ Ref }) => Ref === roleId);
  });
  const statements = policies.flatMap(({ Properties }) => {
    const document = Properties?.['PolicyDocument'] as { Statement: StatementInTemplate[] };
    return document.Statement.filter(inSandbox);
  });
  return statements.map(({ Effect, Condition, Action, Resource }) => {
    if (Effect !== 'Allow' || Condition !== undefined) {
      throw new TemplateError(
        `the role ${roleId} has a statement with a condition or an effect other than Allow, which is not supported locally`,
      );
    }
    return { Action, Resource: references.resolve(Resource) as string | string[] };
  });
}

/** Removes the properties that are not resolved: the role is read on its own, and log groups do not exist locally. */
const omitRole = ({ Role, LoggingConfig, ...rest }: Readonly<Record<string, unknown>>) => rest;

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  readonly Code: { readonly S3Key: string };
}

function readFunction(
  properties: unknown,
  { assembly, files }: AssetManifest & { readonly assembly: string },
): Omit<ApplicationFunction, 'statements'> {
  const { FunctionName, Handler, Timeout, MemorySize, Environment, Code } = properties as FunctionProperties;
  const asset = files[Code.S3Key.replace(/\.zip$/, '')];
  if (asset === undefined)
    throw new TemplateError(
      `the assembly has no file ${Code.S3Key}, the code of the function ${FunctionName}`,
    );
  return {
    name: FunctionName,
    directory: join(assembly, asset.source.path),
    handler: Handler,
    environment: Environment?.Variables ?? {},
    timeoutSeconds: Timeout,
    memoryMiB: MemorySize,
  };
}
