import { isDeepStrictEqual } from 'node:util';
import { foreignDigest, targetOf } from './contents.ts';
import type { Found } from './found.ts';
import type { Properties, Scenario } from './scenario.ts';

/** Copies without the metadata, the tags or the storage class of their source. */
export function wrongProperties(scenario: Scenario, { content, carried }: Found): string[] {
  return scenario.objects.flatMap((object) => {
    const { key, before, properties } = object;
    const target = targetOf(scenario, key);
    const digest = content.get(target);
    const isCopy = digest !== undefined && before === undefined && digest !== foreignDigest(object);
    if (properties === undefined || !isCopy || isReborn(scenario, key)) return [];
    const found = carried.get(target);
    const classes = classesOf(scenario, key, properties);
    const isRight =
      found !== undefined &&
      isDeepStrictEqual(found.metadata, properties.metadata) &&
      isDeepStrictEqual(found.tags, properties.tags) &&
      classes.includes(found.storageClass);
    return isRight
      ? []
      : [`${JSON.stringify(key)} is copied with other properties: ${JSON.stringify(found)}`];
  });
}

/** What is deleted and written again has its bytes alone. */
const isReborn = ({ changes }: Scenario, key: string): boolean =>
  [/^vanish$/, /^change/].every((kind) =>
    changes.some((change) => change.key === key && kind.test(change.kind)),
  );

/** Storage classes that a copy may have; somebody may have archived its source before it was looked at. */
function classesOf({ request, changes }: Scenario, key: string, { storageClass }: Properties): string[] {
  if (!(request['preserve'] as readonly string[]).includes('storageClass')) return ['STANDARD'];
  const isArchived = changes.some((change) => change.key === key && change.kind === 'archive');
  return isArchived ? [storageClass, 'GLACIER'] : [storageClass];
}
