import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SinkReport } from "../../protocol/heartbeat.ts";
import { BridgeSocket } from "./support/bridge-socket.ts";
import { api } from "./support/api.ts";
import { mintToken } from "./support/tokens.ts";

afterEach(() => void vi.useRealTimers());

const WELL: SinkReport = {
  status: "healthy",
  fault: null,
  lagMs: 12,
  inHand: 0,
  deadLetters: 0,
  shards: { total: 16, connected: 16 },
};

function beat(sinks: Record<string, SinkReport>, bridgeId = "one") {
  const body = { bridgeId, sinks };
  return api("POST", "/internal/outbox/heartbeat", { token: env.BRIDGE_SECRET, body });
}

async function told(service: "kafka" | "mongodb") {
  const { body } = await api("GET", `/health/${service}`);
  return { status: body["status"], fault: body["fault"] };
}

test("[OBX-10] /health tells how Kafka and MongoDB are, as the bridge last said, and when that was", async () => {
  await BridgeSocket.dial("0", "kafka", ["kafka", "mongodb"]);
  expect((await beat({ kafka: WELL, mongodb: WELL })).status).toBe(204);
  expect((await api("GET", "/health")).body).toMatchObject({
    status: "healthy",
    services: { bridge: { status: "healthy" }, kafka: { status: "healthy", lagMs: 12 } },
  });
  await beat({ kafka: { ...WELL, status: "degraded", fault: "unreachable" }, mongodb: WELL });
  expect(await told("kafka")).toEqual({ status: "error", fault: "unreachable" });
  expect(await told("mongodb")).toEqual({ status: "healthy", fault: null });
  expect((await api("GET", "/health")).body).toMatchObject({ status: "degraded" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  expect(await told("mongodb")).toEqual({ status: "error", fault: "silent" });
});

test("[OBX-10] a sink that never worked, so that no bridge has dialled in, is told of by its fault", async () => {
  const keeper = env.OUTBOX.getByName("a shard that no bridge has dialled");
  const kafka: SinkReport = { ...WELL, status: "degraded", fault: "unauthorized" };
  await keeper.heartbeat({ bridgeId: "one", sinks: { kafka } });
  expect(await keeper.reports()).toMatchObject({ kafka });
});

test("[OBX-10] a sink that the newest bridge does not have is disabled, whatever was said of it", async () => {
  await BridgeSocket.dial("0", "mongodb");
  await beat({ kafka: WELL, mongodb: WELL });
  expect(await told("kafka")).toEqual({ status: "disabled", fault: null });
});

describe("what only the deployment's people may know says whom it is for", () => {
  test("to nobody", async () => {
    const answer = await api("GET", "/health/detailed");
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer).toMatchObject({
      status: 401,
      body: { code: "INVALID_TOKEN", detail: "a bearer token of the role admin is needed" },
    });
  });

  test("to somebody of another role", async () => {
    const answer = await api("GET", "/health/detailed", { token: await mintToken("somebody") });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer).toMatchObject({
      status: 403,
      body: {
        code: "FORBIDDEN",
        detail: "a bearer token of the role admin is needed; yours is of another role",
      },
    });
  });
});
