/** Rare enough for a log that somebody reads later, often enough for one who waits. */
const EVERY_MS = 30_000;

/** Does `work`, and says how far it is now and then: what runs where there is no terminal must not look dead. */
export async function withSignsOfLife<T>(
  said: (line: string) => void,
  howFar: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    said(`… ${seconds} s: ${howFar()}`);
  }, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
