import { describe, expect, test } from "vitest";
import { api } from "./support/api.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { mintToken } from "./support/tokens.ts";

const SECRET = "what-the-user-sent";

describe("[ERR-1] a refused body names the field and what is wanted, and repeats nothing", () => {
  test.each<[string, string, unknown, string, string]>([
    ["POST", "/messages", { content: "x" }, "MISSING_DATA", "conversationId or receiverId"],
    ["POST", "/conversations/group", {}, "MISSING_DATA", "name: is missing"],
    ["POST", "/conversations/group", { name: 7 }, "INVALID_DATA", "name: must be text"],
    ["POST", "/broadcasts", { name: "x", recipientIds: SECRET }, "INVALID_DATA", "a list"],
    [
      "PUT",
      "/messages/g.1/status",
      { status: SECRET },
      "INVALID_DATA",
      'status: must be "DELIVERED" or "READ"',
    ],
    ["PATCH", "/messages/g.1", {}, "MISSING_DATA", "newContent: is missing"],
  ])("%s %s %j", async (method, path, body, code, words) => {
    const token = await mintToken("somebody");
    const answer = await api(method, path, { token, body });
    expect(answer).toMatchObject({ status: 400, body: { code } });
    const told = JSON.stringify(answer.body);
    expect(answer.body["detail"]).toContain(words);
    expect(told).not.toContain(SECRET);
    expect(told).not.toMatch(/Invalid |Expected |received/);
  });
});

test("[ERR-1] a refused event names the field and what is wanted, and repeats nothing", async () => {
  const place = new EdgePlace();
  const client = await place.connect("somebody");
  const payload = { conversationId: "g", content: "x", type: "what-was-sent" };
  const answer = await client.ask("sendMessage", payload);
  expect(answer).toMatchObject({ success: false, code: "INVALID_DATA" });
  expect(JSON.stringify(answer)).toContain('type: must be \\"TEXT\\", ');
  expect(JSON.stringify(answer)).not.toMatch(/what-was-sent|Invalid |Expected |received/);
  client.close();
});
