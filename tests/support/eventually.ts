import { setTimeout as pause } from "node:timers/promises";

const LOOK_AGAIN_MS = 50;

/** Looks again and again until `claim` does not throw any more; after `withinMs` what it threw last is thrown. */
export async function eventually(
  claim: () => Promise<void>,
  withinMs: number = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await claim();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(LOOK_AGAIN_MS);
  }
}
