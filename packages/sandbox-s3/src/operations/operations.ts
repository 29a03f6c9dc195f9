import { bucketSettingOperations } from './bucket-settings.ts';
import { bucketOperations } from './buckets.ts';
import type { Operation } from './call.ts';
import { completeOperations } from './complete-upload.ts';
import { copyOperations } from './copy-object.ts';
import { deleteOperations } from './delete-objects.ts';
import { getOperations } from './get-object.ts';
import { listOperations } from './list-objects.ts';
import { uploadListOperations } from './list-uploads.ts';
import { versionOperations } from './list-versions.ts';
import { uploadOperations } from './multipart-uploads.ts';
import { objectAclOperations } from './object-acl.ts';
import { objectAnnotationOperations } from './object-annotations.ts';
import { attributeOperations } from './object-attributes.ts';
import { objectLockOperations } from './object-lock.ts';
import { objectTaggingOperations } from './object-tagging.ts';
import { putOperations } from './put-object.ts';
import { restoreOperations } from './restore-object.ts';
import { partOperations } from './upload-part.ts';

/** The operations that this store implements, by S3's names. For all others it answers NotImplemented. */
export const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    ...attributeOperations,
    ...bucketOperations,
    ...bucketSettingOperations,
    ...completeOperations,
    ...copyOperations,
    ...deleteOperations,
    ...getOperations,
    ...listOperations,
    ...objectAclOperations,
    ...objectAnnotationOperations,
    ...objectLockOperations,
    ...objectTaggingOperations,
    ...partOperations,
    ...putOperations,
    ...restoreOperations,
    ...uploadListOperations,
    ...uploadOperations,
    ...versionOperations,
  }),
);
