/** An object as a listing shows it. */
export interface Listed {
  /** Without quotes. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  /** In an archive class or tier and not restored, so that nothing can read it. */
  readonly archived?: true;
  /** Names of the checksum algorithms that the object has. */
  readonly checksumAlgorithms?: readonly string[];
  /** Left out where the server shows none: STANDARD. */
  readonly storageClass?: string;
}
