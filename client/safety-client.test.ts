import { expect, test } from "vitest";
import type { Fetch } from "./http.ts";
import { SafetyClient } from "./safety-client.ts";
import { SignedInRequests } from "./signed-in-requests.ts";

/** Answers the same to everything, and notes what was asked. */
function setUp(data: unknown, status = 200) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, { method = "", body }) => {
    asked.push(`${method} ${new URL(url).pathname} ${typeof body === "string" ? body : "-"}`);
    return Response.json({ success: true, message: "", data, metadata: {} }, { status });
  };
  const tokens = { token: async () => "t" };
  return { asked, safety: new SafetyClient(new SignedInRequests(fetch, "https://e.test", tokens)) };
}

test("[MOD-1] a report goes with its reason, and says whether it is the first", async () => {
  const answer = { messageId: "g1.3", isSpam: true, reports: 2 };
  const { asked, safety } = setUp(answer, 201);
  const stands = { isSpam: true, reports: 2 };
  expect(await safety.report("g1", 3, "an advert")).toEqual({ ...stands, repeated: false });
  await safety.report("g1", 3);
  expect(asked).toEqual([
    'POST /messages/g1.3/reports {"reason":"an advert"}',
    "POST /messages/g1.3/reports {}",
  ]);
  const again = setUp(answer, 200);
  expect(await again.safety.report("g1", 3)).toEqual({ ...stands, repeated: true });
});

test("people are blocked, unblocked and listed", async () => {
  const { asked, safety } = setUp({
    blocks: [{ userId: "u2", blockedAt: "2026-01-02T03:04:05Z" }],
  });
  await safety.block("a/b");
  await safety.unblock("u2");
  expect(await safety.blocks()).toEqual(["u2"]);
  expect(asked).toEqual(["PUT /blocks/a%2Fb -", "DELETE /blocks/u2 -", "GET /blocks -"]);
});
