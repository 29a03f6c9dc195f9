/** Where the engine takes its time from, so that tests can run years of waits in no time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `millis`; rejects with the signal's reason when that aborts first. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay `setTimeout` takes: a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The time of the machine. Waits beyond 2^31 ms, which a state machine's time-out easily is, are cut in pieces. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (millis, signal) => {
    const end = Date.now() + millis;
    for (let left = millis; left > 0; left = end - Date.now()) {
      await pause(Math.min(left, LONGEST_TIMER), signal);
    }
    signal?.throwIfAborted();
  },
};

function pause(millis: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, millis);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Waits for a promise, or rejects with the signal's reason as soon as that aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => undefined); // its outcome no longer matters to anybody
      reject(signal.reason);
      return;
    }
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
