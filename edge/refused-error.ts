import type { Refusal } from "../protocol/error-codes.ts";
import type { Result } from "../protocol/result.ts";

/** Carries a refusal out of a route to the one place that writes problem answers. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The value, or out of the route with the refusal. */
export function accept<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new RefusedError(result.error);
  return result.value;
}
