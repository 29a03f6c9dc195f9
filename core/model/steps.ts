/** Steps of a run that are Lambda functions: the folders of `lambdas/`, in the order in which a run comes to them. */
export const stepNames = [
  'prepare',
  'plan',
  'copy-objects',
  'open-object',
  'make-temp-files',
  'make-part-files',
  'copy-parts',
  'finalize-object',
  'reconcile',
  'delete-objects',
  'report',
] as const;
export type StepName = (typeof stepNames)[number];
