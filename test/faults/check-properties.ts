import { isDeepStrictEqual } from 'node:util';
import { foreignDigest, toTargetKey } from './contents.ts';
import type { Found } from './found.ts';
import type { Properties, Scenario } from './scenario.ts';

/** Finds copies without the metadata, the tags or the storage class of their source. */
export function checkProperties(scenario: Scenario, { content, carried }: Found): string[] {
  return scenario.objects.flatMap((object) => {
    const { key, before, properties } = object;
    const target = toTargetKey(scenario, key);
    const digest = content.get(target);
    const isCopy = digest !== undefined && before === undefined && digest !== foreignDigest(object);
    if (properties === undefined || !isCopy || isRecreated(scenario, key)) return [];
    const found = carried.get(target);
    const classes = allowedClasses(scenario, key, properties);
    const isRight =
      found !== undefined &&
      isDeepStrictEqual(found.metadata, properties.metadata) &&
      isDeepStrictEqual(found.tags, properties.tags) &&
      classes.includes(found.storageClass);
    return isRight
      ? []
      : [`${JSON.stringify(key)} was copied with the wrong properties: ${JSON.stringify(found)}`];
  });
}

/** Whether an object may be deleted and written again. It then has no properties. */
const isRecreated = ({ changes }: Scenario, key: string): boolean =>
  [/^vanish$/, /^change/].every((kind) =>
    changes.some((change) => change.key === key && kind.test(change.kind)),
  );

/** The storage classes that a copy may have. Another client may have archived the source before it was read. */
function allowedClasses({ request, changes }: Scenario, key: string, { storageClass }: Properties): string[] {
  if (!(request['preserve'] as readonly string[]).includes('storageClass')) return ['STANDARD'];
  const isArchived = changes.some((change) => change.key === key && change.kind === 'archive');
  return isArchived ? [storageClass, 'GLACIER'] : [storageClass];
}
