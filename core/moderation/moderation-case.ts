import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** Where a reported message stands with the deployment's staff. Rule MOD-3. */
export const CASE_STATES = ["open", "in_review", "resolved", "dismissed"] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** What a resolved case came to; each is carried out before the case is closed. */
export const CASE_ACTIONS = [
  "flag_message",
  "delete_message",
  "erase_messages",
  "lock_conversation",
] as const;
export type CaseAction = (typeof CASE_ACTIONS)[number];

export type CaseStanding =
  | { state: "open" }
  | { state: "in_review"; assigneeId: string }
  | { state: "resolved"; assigneeId: string; action: CaseAction }
  | { state: "dismissed"; assigneeId: string };

/** What a moderator wants of a case. Taking one names oneself, unless somebody else is named. */
export type CaseStep =
  | { state: "open" }
  | { state: "in_review"; assigneeId?: string }
  | { state: "resolved"; action: CaseAction }
  | { state: "dismissed" };

/**
 * Open, in review, and then resolved or dismissed by the one who reviews it; a review can be handed on or given back.
 * A step that was taken already changes nothing, and answers the standing itself; a closed case is opened by nothing but
 * another report.
 */
export function nextStanding(
  standing: CaseStanding,
  step: CaseStep,
  moderatorId: string,
): Result<CaseStanding, Refusal> {
  if (isThere(standing, step, moderatorId)) return ok(standing);
  switch (standing.state) {
    case "open":
      return step.state === "in_review"
        ? ok({ state: "in_review", assigneeId: step.assigneeId ?? moderatorId })
        : conflict("a case is taken into review before it is decided");
    case "in_review":
      return afterReview(standing, step, moderatorId);
    case "resolved":
    case "dismissed":
      return conflict("the case is closed");
  }
}

function afterReview(
  { assigneeId }: { assigneeId: string },
  step: CaseStep,
  moderatorId: string,
): Result<CaseStanding, Refusal> {
  if (step.state === "in_review" && step.assigneeId !== undefined) {
    return ok({ state: "in_review", assigneeId: step.assigneeId });
  }
  if (assigneeId !== moderatorId) return conflict("somebody else reviews the case");
  switch (step.state) {
    case "open":
      return ok({ state: "open" });
    case "in_review": // of oneself, and so there already
      return ok({ state: "in_review", assigneeId });
    case "resolved":
    case "dismissed":
      return ok({ ...step, assigneeId });
  }
}

function isThere(standing: CaseStanding, step: CaseStep, moderatorId: string): boolean {
  if (standing.state !== step.state) return false;
  if (standing.state === "in_review" && step.state === "in_review") {
    return standing.assigneeId === (step.assigneeId ?? moderatorId);
  }
  if (standing.state === "resolved" && step.state === "resolved") {
    return standing.action === step.action;
  }
  return true;
}

function conflict(message: string): Result<never, Refusal> {
  return fail(refusal("CONFLICT", message));
}
