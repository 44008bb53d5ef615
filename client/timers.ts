import type { Timer } from "./connection-state.ts";

/** The clock of a session: at most one pending timeout per name; starting one again replaces it. */
export interface Timers {
  start(timer: Timer, ms: number, onTimeout: () => void): void;
  stop(timer: Timer): void;
}

export function systemTimers(): Timers {
  const pending = new Map<Timer, ReturnType<typeof setTimeout>>();
  const stop = (timer: Timer): void => {
    clearTimeout(pending.get(timer));
    pending.delete(timer);
  };
  return {
    start(timer, ms, onTimeout) {
      stop(timer);
      pending.set(timer, setTimeout(onTimeout, ms));
    },
    stop,
  };
}
