/** The engine's source of time. Tests replace it, so that waits of years end at once. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `millis`; rejects with the signal's reason when that aborts first. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay that `setTimeout` accepts. It fires at once when the delay is longer. */
const longestTimerMillis = 2 ** 31 - 1;

/** The time of this computer. Splits waits of more than 2^31 ms, such as the time-out of a state machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (millis, signal) => {
    const end = Date.now() + millis;
    for (let left = millis; left > 0; left = end - Date.now()) {
      await pause(Math.min(left, longestTimerMillis), signal);
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

/** Resolves with the promise. Rejects with the signal's reason as soon as the signal aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => undefined); // the caller no longer waits for it
      reject(signal.reason);
      return;
    }
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
