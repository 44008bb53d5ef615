/** A call to another object took too long; whether it had an effect is unknown. */
export class CallTimeoutError extends Error {
  override readonly name = "CallTimeoutError";
  readonly code = "UNAVAILABLE";

  shouldRetry(): boolean {
    return true;
  }
}

/** Bounds a call in time: a pending call pins the object in memory, billed, for up to 15 minutes. */
export async function callWithin<Call extends Promise<unknown>>(
  timeoutMs: number,
  call: Call,
): Promise<Awaited<Call>> {
  const timer = new AbortController();
  const timeout = scheduler.wait(timeoutMs, { signal: timer.signal }).then(() => {
    throw new CallTimeoutError(`no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([call, timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => undefined); // the abort rejects it, and nobody waits any more
  }
}

/** Waits for what goes on by itself, no longer than that. Leaves no timer behind, which would keep the object awake. */
export async function waitAtMost(timeoutMs: number, going: Promise<unknown>): Promise<void> {
  await callWithin(timeoutMs, going).catch((error: unknown) => {
    if (!(error instanceof CallTimeoutError)) throw error;
  });
}
