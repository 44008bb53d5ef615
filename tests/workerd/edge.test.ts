import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { api, problem, refusalOf } from "./support/api.ts";
import { mintToken } from "./support/tokens.ts";

test("/health says what the edge leans on", async () => {
  const answer = await api("GET", "/health");
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    status: "degraded",
    services: {
      edge: { status: "healthy" },
      storage: { status: "healthy" },
      bridge: { status: "error", fault: "silent" },
      kafka: { status: "disabled" },
      redis: { status: "not_applicable", replacedBy: "durable-objects" },
    },
  });
});

test("a route nobody knows is a problem like every other, with an id of its own", async () => {
  const [one, two] = await Promise.all([api("GET", "/nowhere"), api("DELETE", "/messages")]);
  for (const answer of [one, two]) {
    expect(refusalOf(answer)).toEqual(problem(404, "NOT_FOUND"));
    expect(answer.body).toMatchObject({ success: false, status: 404, title: "NOT_FOUND" });
  }
  expect(one.body["requestId"]).not.toBe(two.body["requestId"]);
});

test.each([
  ["GET", "/auth/me"],
  ["GET", "/conversations"],
  ["POST", "/conversations"],
  ["POST", "/conversations/group"],
  ["GET", "/conversations/team"],
  ["POST", "/messages"],
  ["GET", "/messages?conversationId=team"],
  ["GET", "/messages/team.1"],
  ["GET", "/users"],
  ["GET", "/users/somebody"],
])("%s %s needs a token", async (method, path) => {
  const answer = await api(method, path, method === "POST" ? { body: {} } : {});
  expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    api("OPTIONS", "/messages", { headers: { origin, "access-control-request-method": "POST" } });

  test("listed origins get their headers, others none", async () => {
    const [listed] = env.CORS_ORIGINS.split(",");
    const allowed = await preflight(listed ?? "");
    expect(allowed.headers.get("access-control-allow-origin")).toBe(listed);
    const refused = await preflight("https://evil.example");
    expect(refused.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the bridge's doors", () => {
  const upgrade = { upgrade: "websocket" };

  test("[OBX-1] tell the number of shards to whoever has the secret", async () => {
    const answer = await api("GET", "/internal/outbox", { token: env.BRIDGE_SECRET });
    expect(answer.body).toEqual({ shards: Number(env.OUTBOX_SHARDS) });
  });

  test("[OBX-1] open the socket of a shard that exists", async () => {
    const token = env.BRIDGE_SECRET;
    const response = await exports.default.fetch(
      "https://edge.test/internal/outbox/3/socket?sink=kafka&sinks=kafka,mongodb",
      {
        headers: { authorization: `Bearer ${token}`, ...upgrade },
      },
    );
    expect(response.status).toBe(101);
    response.webSocket?.accept();
    response.webSocket?.close(1000);
    for (const shard of [env.OUTBOX_SHARDS, "-1", "01", "x"]) {
      const path = `/internal/outbox/${shard}/socket`;
      expect(refusalOf(await api("GET", path, { token, headers: upgrade }))).toEqual(
        problem(404, "NOT_FOUND"),
      );
    }
    expect(refusalOf(await api("GET", "/internal/outbox/3/socket", { token }))).toEqual(
      problem(426, "UPGRADE_REQUIRED"),
    );
  });

  test("[OBX-1] open to the previous secret as well, while it is being replaced", async () => {
    const previous = crypto.randomUUID();
    const rotating = { ...env, BRIDGE_SECRET_PREVIOUS: previous };
    const asked = (token: string, bindings: typeof env) =>
      api("GET", "/internal/outbox", { token, env: bindings });
    expect((await asked(previous, rotating)).status).toBe(200);
    expect((await asked(env.BRIDGE_SECRET, rotating)).status).toBe(200);
    expect((await asked(previous, env)).status).toBe(401);
  });

  test.each<[string, () => Promise<string>]>([
    ["a wrong secret", async () => "wrong"],
    ["the secret and one letter more", async () => `${env.BRIDGE_SECRET}x`],
    ["a user's token", () => mintToken("alice")],
  ])("[OBX-1] stay shut for %s", async (_name, token) => {
    for (const path of ["/internal/outbox", "/internal/outbox/0/socket"]) {
      const answer = await api("GET", path, { token: await token(), headers: upgrade });
      expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
    }
    for (const path of ["/internal/outbox/heartbeat", "/internal/ingest"]) {
      const answer = await api("POST", path, { token: await token(), body: {} });
      expect(refusalOf(answer)).toEqual(problem(401, "INVALID_TOKEN"));
    }
  });
});
