import { setTimeout as pause } from "node:timers/promises";

/** A broker leads a new partition a moment after it says so; kafkajs does not ask again for offsets. */
export async function onceLed<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS || Object(error).retriable !== true) throw error;
      await pause(PAUSE_MS);
    }
  }
}

const ATTEMPTS = 100;
const PAUSE_MS = 100;
