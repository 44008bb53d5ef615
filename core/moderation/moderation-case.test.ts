import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CASE_ACTIONS, nextStanding, type CaseStanding, type CaseStep } from "./moderation-case.ts";

const STANDINGS = {
  open: { state: "open" },
  mine: { state: "in_review", assigneeId: "me" },
  theirs: { state: "in_review", assigneeId: "bo" },
  resolved: { state: "resolved", assigneeId: "bo", action: "delete_message" },
  dismissed: { state: "dismissed", assigneeId: "bo" },
} as const satisfies Record<string, CaseStanding>;

const STEPS = {
  giveBack: { state: "open" },
  take: { state: "in_review" },
  handOn: { state: "in_review", assigneeId: "cy" },
  resolve: { state: "resolved", action: "delete_message" },
  resolveElse: { state: "resolved", action: "flag_message" },
  dismiss: { state: "dismissed" },
} as const satisfies Record<string, CaseStep>;

const TAKEN: CaseStanding = { state: "in_review", assigneeId: "me" };
const HANDED: CaseStanding = { state: "in_review", assigneeId: "cy" };
/** What I may do with a case that stands so, cell by cell: where it comes to; `same` when it is there; null is CONFLICT. */
const TABLE: Record<
  keyof typeof STANDINGS,
  Record<keyof typeof STEPS, CaseStanding | "same" | null>
> = {
  open: {
    giveBack: "same",
    take: TAKEN,
    handOn: HANDED,
    resolve: null,
    resolveElse: null,
    dismiss: null,
  },
  mine: {
    giveBack: { state: "open" },
    take: "same",
    handOn: HANDED,
    resolve: { state: "resolved", assigneeId: "me", action: "delete_message" },
    resolveElse: { state: "resolved", assigneeId: "me", action: "flag_message" },
    dismiss: { state: "dismissed", assigneeId: "me" },
  },
  theirs: {
    giveBack: null,
    take: null,
    handOn: HANDED,
    resolve: null,
    resolveElse: null,
    dismiss: null,
  },
  resolved: {
    giveBack: null,
    take: null,
    handOn: null,
    resolve: "same",
    resolveElse: null,
    dismiss: null,
  },
  dismissed: {
    giveBack: null,
    take: null,
    handOn: null,
    resolve: null,
    resolveElse: null,
    dismiss: "same",
  },
};

describe("the states of a case", () => {
  for (const [from, cells] of Object.entries(TABLE)) {
    for (const [step, to] of Object.entries(cells)) {
      const standing = STANDINGS[from as keyof typeof STANDINGS]; // a key of the table
      const wanted = to === null ? "CONFLICT" : to === "same" ? "as it is" : to.state;
      test(`[MOD-3] ${from}, ${step}: ${wanted}`, () => {
        const next = nextStanding(standing, STEPS[step as keyof typeof STEPS], "me");
        if (to === null) expect(next).toMatchObject({ ok: false, error: { code: "CONFLICT" } });
        else if (to === "same") expect(next.ok && next.value).toBe(standing);
        else expect(next).toEqual({ ok: true, value: to });
      });
    }
  }

  test("[MOD-3] a step that is taken twice is as good as once, and a closed case stays as it was closed", () => {
    const userId = fc.constantFrom("me", "bo", "cy");
    const step: fc.Arbitrary<CaseStep> = fc.oneof(
      fc.record({ state: fc.constant("open" as const) }),
      fc.record({ state: fc.constant("in_review" as const) }),
      fc.record({ state: fc.constant("in_review" as const), assigneeId: userId }),
      fc.record({
        state: fc.constant("resolved" as const),
        action: fc.constantFrom(...CASE_ACTIONS),
      }),
      fc.record({ state: fc.constant("dismissed" as const) }),
    );
    let closed = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(step, userId), { maxLength: 20 }), (steps) => {
        let standing: CaseStanding = { state: "open" };
        for (const [wanted, moderatorId] of steps) {
          const next = nextStanding(standing, wanted, moderatorId);
          const wasClosed = standing.state === "resolved" || standing.state === "dismissed";
          if (wasClosed) closed++;
          if (!next.ok) continue;
          if (wasClosed) expect(next.value).toBe(standing);
          standing = next.value;
          const again = nextStanding(standing, wanted, moderatorId);
          expect(again.ok && again.value).toEqual(standing);
        }
      }),
    );
    expect(closed).toBeGreaterThan(20);
  });
});
