import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicyStatement } from 'sandbox-s3/role-policy';
import { References, TemplateError, type TemplateResource } from './references.ts';

/** Account id of everything that runs here. */
export const localAccount = '000000000000';
/** Region of everything that runs here. */
export const localRegion = 'us-east-1';

/** A function of the app, ready to be run. */
export interface ApplicationFunction {
  readonly name: string;
  /** Absolute path of the folder with its bundle. */
  readonly directory: string;
  /** Module and export, as in `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMiB: number;
  /** What the policies of its role allow of S3 and of other roles. */
  readonly statements: readonly PolicyStatement[];
}

/** The synthesized app with its references resolved. */
export interface Application {
  /** The state machine's definition, as JSON text. */
  readonly definition: string;
  readonly stateMachineName: string;
  readonly stateMachineArn: string;
  /** Name of the work bucket. */
  readonly workBucket: string;
  /** By ARN, which is how the definition names them. */
  readonly functions: Readonly<Record<string, ApplicationFunction>>;
}

type Resources = Readonly<Record<string, TemplateResource>>;

/**
 * Reads the state machine and its functions from a cloud assembly, as they would be deployed.
 *
 * @param assembly folder of the assembly, with one stack
 * @throws {TemplateError} when the template uses something that is not known here
 */
export async function readApplication(assembly: string): Promise<Application> {
  const { Resources: resources } = await readJson<{ Resources: Resources }>(assembly, '.template.json');
  const { files } = await readJson<AssetManifest>(assembly, '.assets.json');
  const [machineId, machine] = only(resources, 'AWS::StepFunctions::StateMachine');
  only(resources, 'AWS::S3::Bucket');
  const stateMachineName = String(machine.Properties?.['StateMachineName']);
  const workBucket = `${stateMachineName.toLowerCase()}-work`;
  const place = { partition: 'aws', region: localRegion, account: localAccount, bucket: workBucket };
  const references = new References(resources, place);
  const functions = ofType(resources, 'AWS::Lambda::Function').map(([id, { Properties = {} }]) => {
    const arn = String(references.resolve({ 'Fn::GetAtt': [id, 'Arn'] }));
    const statements = statementsOf(Properties['Role'], resources, references);
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
    throw new TemplateError(`${folder} has ${names.length} files that end in ${ending}, and one is expected`);
  }
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as T;
}

const ofType = (resources: Resources, type: string) =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

function only(resources: Resources, type: string): readonly [string, TemplateResource] {
  const [found, ...others] = ofType(resources, type);
  if (found === undefined || others.length > 0) {
    throw new TemplateError(
      `the template has ${others.length + (found ? 1 : 0)} ${type}, and one is expected`,
    );
  }
  return found;
}

/** Policies that are given to a role by name. */
const policyTypes: ReadonlySet<string> = new Set(['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']);

interface StatementInTemplate extends PolicyStatement {
  readonly Effect: string;
  readonly Condition?: unknown;
}

const inSandbox = ({ Action }: StatementInTemplate): boolean =>
  [Action].flat().some((action) => /^(s3|sts):/.test(action));

/**
 * What a role may do at the sandbox store.
 *
 * @throws {TemplateError} when a statement does more than to allow actions on resources
 */
function statementsOf(role: unknown, resources: Resources, references: References): PolicyStatement[] {
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
      throw new TemplateError(`${roleId} has a statement with a condition or another effect than Allow`);
    }
    return { Action, Resource: references.resolve(Resource) as string | string[] };
  });
}

/** What a function has beside what decides how it runs: its log group has no meaning here. */
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
    throw new TemplateError(`the assembly has no code of ${FunctionName}: ${Code.S3Key}`);
  return {
    name: FunctionName,
    directory: join(assembly, asset.source.path),
    handler: Handler,
    environment: Environment?.Variables ?? {},
    timeoutSeconds: Timeout,
    memoryMiB: MemorySize,
  };
}
