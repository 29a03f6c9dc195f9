import { copyMillis } from './copy-time.ts';

/** When an invocation must have ended, with a margin for its last writes. */
export class Deadline {
  readonly #endsAt: number;

  /**
   * @param remainingMillis what Lambda gives the invocation from now on
   * @param marginMillis kept free for writing what was done
   */
  constructor(remainingMillis: number, marginMillis: number) {
    this.#endsAt = Date.now() + remainingMillis - marginMillis;
  }

  /** Milliseconds until work must stop; negative when it should have. */
  leftMillis(): number {
    return this.#endsAt - Date.now();
  }

  /** Whether it has passed. */
  hasPassed(): boolean {
    return this.leftMillis() <= 0;
  }

  /** Whether a copy of that many bytes can still end in time. */
  allowsCopy(bytes: number): boolean {
    return copyMillis(bytes) <= this.leftMillis();
  }
}
