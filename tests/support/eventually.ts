import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 50;

/** Looks again and again until `claim` does not throw any more, and answers it; after `withinMs` what it threw last is thrown. */
export async function eventually<T>(
  claim: () => Promise<T>,
  withinMs: number = 30_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await claim();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(LOOK_AGAIN_MS);
  }
}
