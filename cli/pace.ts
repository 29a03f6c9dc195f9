import type { Progress } from './events.ts';

/** What speed is measured over, in milliseconds: long enough to be steady, short enough to be of now. */
const window = 30_000;

/** How fast a run is. */
export interface Pace {
  /** Since the copy began or, in a long one, over the last half minute. */
  readonly bytesPerSecond: number;
  readonly objectsPerSecond: number;
  /** Seconds that are left at the rate so far. Undefined while it is unknown. */
  readonly secondsLeft: number | undefined;
}

interface Look {
  readonly at: number;
  readonly objects: number;
  readonly bytes: number;
}

/** Share of the plan that is done, from 0 to 1: the smaller one of objects and bytes. */
export function shareDone({ planned, done }: Progress): number {
  const objects = planned.objects === 0 ? 1 : done.objects / planned.objects;
  const bytes = planned.bytes === 0 ? 1 : done.bytes / planned.bytes;
  return Math.min(1, objects, bytes);
}

/** Tells the speed of a copy from how far it was at which time. */
export class PaceMeter {
  readonly #now: () => number;
  #looks: Look[] = [];
  #first: { readonly at: number; readonly share: number } | undefined;

  /**
   * @param now milliseconds of a clock that never goes back
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes a look, and tells the pace up to it. */
  measure(progress: Progress): Pace {
    const at = this.#now();
    if (progress.phase === 'preparing' || progress.phase === 'planning') return this.#begin(at);
    const share = shareDone(progress);
    this.#first ??= { at, share };
    this.#looks = [...this.#looks.filter((look) => at - look.at <= window), { at, ...progress.done }];
    const oldest = this.#looks[0] as Look;
    const seconds = (at - oldest.at) / 1_000;
    const perSecond = (gain: number) => (seconds > 0 ? gain / seconds : 0);
    const gained = share - this.#first.share;
    return {
      bytesPerSecond: perSecond(progress.done.bytes - oldest.bytes),
      objectsPerSecond: perSecond(progress.done.objects - oldest.objects),
      secondsLeft: gained > 0 ? ((1 - share) * (at - this.#first.at)) / 1_000 / gained : undefined,
    };
  }

  /** Nothing is copied before the plan is made, which says nothing of how fast it will be. */
  #begin(at: number): Pace {
    this.#looks = [{ at, objects: 0, bytes: 0 }];
    this.#first = { at, share: 0 };
    return { bytesPerSecond: 0, objectsPerSecond: 0, secondsLeft: undefined };
  }
}
