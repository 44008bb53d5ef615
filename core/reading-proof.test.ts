import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../protocol/limits.ts";
import { ReadingProof } from "./reading-proof.ts";

describe("[LIM-9] the proof that a reader reads", () => {
  test("is asked for once, long before the reader owes too much", () => {
    const proof = new ReadingProof();
    while (!proof.isDue) proof.sent(10_000);
    expect(proof.owed).toBeLessThanOrEqual(LIMITS.bufferedBytes / 3);
    proof.ask();
    proof.sent(LIMITS.bufferedBytes);
    expect(proof.isDue).toBe(false);
  });

  test("covers what came before the question, and nothing that came after it", () => {
    const proof = new ReadingProof();
    proof.sent(300_000);
    proof.ask();
    proof.sent(50_000);
    proof.answered();
    expect(proof.owed).toBe(50_000);
  });

  test("is nothing without a question", () => {
    const proof = new ReadingProof();
    proof.sent(500_000);
    proof.answered();
    expect(proof.owed).toBe(500_000);
    expect(proof.isDue).toBe(true);
  });

  test("is asked for again at once when nobody is there to answer", () => {
    const proof = new ReadingProof();
    proof.sent(300_000);
    proof.ask();
    proof.sent(50_000);
    proof.withdraw();
    expect([proof.isDue, proof.owed]).toEqual([true, 350_000]);
    proof.answered();
    expect(proof.owed).toBe(350_000);
  });

  test("in any order: what is owed is what was sent since the last question that got an answer", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("sent" as const), units: fc.nat({ max: 400_000 }) }),
      fc.constantFrom({ type: "ask" as const }, { type: "answered" as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const proof = new ReadingProof();
        let total = 0;
        let question: number | null = null;
        let proven = 0;
        for (const each of steps) {
          if (each.type === "sent") {
            proof.sent(each.units);
            total += each.units;
          } else if (each.type === "ask" && proof.isDue) {
            proof.ask();
            question = total;
          } else if (each.type === "answered") {
            proof.answered();
            proven = question ?? proven;
            question = null;
          }
          expect(proof.owed).toBe(total - proven);
        }
      }),
    );
  });
});
