import { faultOf, type Fault } from "./fault.ts";
import { reasonOf } from "./log.ts";

/** What a try failed of. */
export interface Failure {
  fault: Fault;
  /** The same in the far end's own words. */
  reason: string;
}

export function failureOf(error: unknown): Failure {
  return { fault: faultOf(error), reason: reasonOf(error) };
}

/** How a part of the bridge gets on with its far end. */
export interface PartState {
  /** `starting` until the first try has ended, one way or the other. */
  status: "starting" | "healthy" | "degraded";
  /** What the last try failed of; null while it works. */
  fault: Fault | null;
  /** The same in the far end's own words. */
  reason: string | null;
}

export const STARTING: PartState = { status: "starting", fault: null, reason: null };
export const HEALTHY: PartState = { status: "healthy", fault: null, reason: null };

export function degraded(failure: Failure): PartState {
  return { status: "degraded", ...failure };
}
