/** The package has no types of its own. */
declare module 'asl-validator' {
  // biome-ignore lint/style/noDefaultExport: that is how the package exports it
  export default function validate(definition: unknown): {
    readonly isValid: boolean;
    readonly errors: readonly unknown[];
  };
}
