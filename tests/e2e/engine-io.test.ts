import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEchoGateway } from "../echo-gateway/start.ts";
import { EngineClient, parseHandshake } from "../support/engine-client.ts";
import { upgradeAnswer } from "../support/upgrade-answer.ts";
import { WireSocket } from "../support/wire-socket.ts";
import type { Workerd } from "../support/workerd.ts";

/** The rules of the official Engine.IO v4 test suite, and those of the reference server around them. */
let workerd: Workerd;
let client: EngineClient;

beforeAll(async () => {
  workerd = await startEchoGateway();
  client = new EngineClient(`${workerd.url}/engine.io/`);
});
afterAll(() => workerd.stop());

const announced = { pingInterval: 300, pingTimeout: 200, maxPayload: 1_000_000 };

/** The packets of a GET's answer; a ping may have come beside them. */
async function messagesOf(answer: Response): Promise<string> {
  const packets = (await answer.text()).split("\x1e");
  return packets.filter((packet) => packet !== "2").join("\x1e");
}

async function refusalOf(answer: Response): Promise<[number, unknown]> {
  return [answer.status, await answer.json()];
}

describe("handshake", () => {
  it("opens a polling session that may upgrade", async () => {
    const answer = await client.request({ EIO: "4", transport: "polling" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=UTF-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const { sid, ...rest } = parseHandshake(await answer.text());
    expect(sid).toMatch(/^[a-z0-9-]+\.[\w-]{20}\.[\w-]{22}$/);
    expect(rest).toEqual({ ...announced, upgrades: ["websocket"] });
  });

  it("opens a WebSocket session that has nothing to upgrade to", async () => {
    const { wire, handshake } = await client.open();
    const { sid, ...rest } = handshake;
    expect(sid).not.toBe("");
    expect(rest).toEqual({ ...announced, upgrades: [] });
    wire.close();
  });

  it("takes a WebSocket that calls itself polling, as Dart's does", async () => {
    const wire = await WireSocket.open(client.socketUrl({ transport: "polling" }));
    expect(parseHandshake(await wire.next()).upgrades).toEqual([]);
    wire.send("4hello");
    expect(await wire.next()).toBe("4hello");
    wire.close();
  });

  it.each([
    {
      note: "no transport",
      query: { EIO: "4" },
      refusal: { code: 0, message: "Transport unknown" },
    },
    {
      note: "an unknown transport",
      query: { EIO: "4", transport: "abc" },
      refusal: { code: 0, message: "Transport unknown" },
    },
    {
      note: "a session that never was",
      query: { EIO: "4", transport: "polling", sid: "abc" },
      refusal: { code: 1, message: "Session ID unknown" },
    },
    {
      note: "the websocket transport without an upgrade",
      query: { EIO: "4", transport: "websocket" },
      refusal: { code: 3, message: "Bad request" },
    },
    {
      note: "JSONP",
      query: { EIO: "4", transport: "polling", j: "0" },
      refusal: { code: 3, message: "Bad request" },
    },
    {
      note: "no protocol version",
      query: { transport: "polling" },
      refusal: { code: 5, message: "Unsupported protocol version" },
    },
    {
      note: "a protocol version that is no number",
      query: { EIO: "abc", transport: "polling" },
      refusal: { code: 5, message: "Unsupported protocol version" },
    },
    {
      note: "another protocol version",
      query: { EIO: "3", transport: "polling" },
      refusal: { code: 5, message: "Unsupported protocol version" },
    },
  ])("refuses $note", async ({ query, refusal }) => {
    const answer = await client.request(query);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await refusalOf(answer)).toEqual([400, refusal]);
  });

  it.each(["POST", "PUT"])("refuses a handshake by %s", async (method) => {
    const answer = await client.request({ EIO: "4", transport: "polling" }, { method, body: "4x" });
    expect(await refusalOf(answer)).toEqual([400, { code: 2, message: "Bad handshake method" }]);
  });

  it.each([
    { note: "no transport", query: { EIO: "4" }, message: "Transport unknown" },
    {
      note: "an unknown transport",
      query: { EIO: "4", transport: "abc" },
      message: "Transport unknown",
    },
    {
      note: "a version that is no number",
      query: { EIO: "abc", transport: "websocket" },
      message: "Unsupported protocol version",
    },
    {
      note: "an unknown session",
      query: { EIO: "4", transport: "websocket", sid: "x" },
      message: "Session ID unknown",
    },
    {
      note: "no version",
      query: { transport: "websocket" },
      message: "Unsupported protocol version",
    },
  ])("refuses an upgrade with $note in plain words", async ({ query, message }) => {
    expect(await upgradeAnswer(client.url(query))).toEqual({
      status: 400,
      contentType: "text/html",
      body: message,
    });
  });

  it.each(["POST", "PUT"])("refuses a handshake by %s without a body", async (method) => {
    const answer = await client.request({ EIO: "4", transport: "polling" }, { method });
    expect(answer.status).toBe(400);
  });

  it("refuses ids that another deployment, or nobody, has made", async () => {
    const { sid } = await client.handshake();
    const forged = [
      `${sid.slice(0, -1)}${sid.endsWith("A") ? "B" : "A"}`,
      sid.replace(/^[^.]+/, "any-7"),
    ];
    for (const id of forged) {
      expect(await refusalOf(await client.poll(id))).toEqual([
        400,
        { code: 1, message: "Session ID unknown" },
      ]);
    }
  });
});

describe("CORS", () => {
  it("lets pages of allowed origins in, with credentials", async () => {
    const headers = { origin: "http://localhost:3000" };
    const answer = await client.request({ EIO: "4", transport: "polling" }, { headers });
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    const preflight = await client.request(
      { EIO: "4", transport: "polling" },
      { method: "OPTIONS", headers: { ...headers, "access-control-request-method": "POST" } },
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
  });
});

describe("messages by polling", () => {
  it.each([
    { note: "one text packet", payload: "4hello" },
    { note: "several text packets", payload: "4test1\x1e4test2\x1e4test3" },
    { note: "text and binary packets", payload: "4hello\x1ebAQIDBA==" },
    { note: "characters of every length in UTF-8", payload: "4é€𝄞" },
  ])("carries $note there and back", async ({ payload }) => {
    const { sid } = await client.handshake();
    const posted = await client.post(sid, payload);
    expect([posted.status, await posted.text()]).toEqual([200, "ok"]);
    const polled = await client.poll(sid);
    expect([polled.status, await messagesOf(polled)]).toEqual([200, payload]);
  });

  it("gathers the answers to one POST for the GET that waits", async () => {
    const { sid } = await client.handshake();
    const polled = client.poll(sid);
    await client.post(sid, "4one\x1e4two");
    expect(await messagesOf(await polled)).toBe("4one\x1e4two");
  });

  it.each(["abc", "", "4ok\x1ex", "b%%%", "2"])("ends the session on %j", async (body) => {
    const { sid } = await client.handshake();
    await client.post(sid, body);
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("refuses a POST over maxPayload, and goes on", async () => {
    const { sid } = await client.handshake();
    expect((await client.post(sid, `4${"x".repeat(1_000_000)}`)).status).toBe(413);
    expect((await client.post(sid, `4${"x".repeat(999_999)}`)).status).toBe(200);
    expect(await messagesOf(await client.poll(sid))).toHaveLength(1_000_000);
  });

  it("ends the session when a second GET comes beside the first", async () => {
    const { sid } = await client.handshake();
    const [first, second] = await Promise.all([client.poll(sid), client.poll(sid)]);
    const [closed, refused] = first.status === 200 ? [first, second] : [second, first];
    expect([closed.status, await closed.text()]).toEqual([200, "1"]);
    expect([refused.status, await refused.text()]).toEqual([400, ""]);
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("ends the session when a GET was dropped by the client", async () => {
    const { sid } = await client.handshake();
    const dropped = new AbortController();
    const polled = client.poll(sid, { signal: dropped.signal });
    // answered by the same object, so the GET before it has arrived by then
    await client.post(sid, "3");
    dropped.abort();
    await expect(polled).rejects.toThrow("aborted");
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("refuses other methods on a session", async () => {
    const { sid } = await client.handshake();
    expect((await client.poll(sid, { method: "PUT", body: "4x" })).status).toBe(400);
    await client.post(sid, "4alive");
    expect(await messagesOf(await client.poll(sid))).toBe("4alive");
  });
});

describe("messages over a WebSocket", () => {
  it("carries text and bytes", async () => {
    const { wire } = await client.open();
    wire.send("4hello", Uint8Array.of(1, 2, 3, 4));
    expect(await wire.next()).toBe("4hello");
    expect(await wire.next()).toEqual(Uint8Array.of(1, 2, 3, 4));
    wire.close();
  });

  it.each(["abc", "", "2", "9x"])("closes on %j", async (frame) => {
    const { wire } = await client.open();
    wire.send(frame);
    await wire.closed;
  });

  it("closes with 1009 above maxPayload, counted in bytes", async () => {
    const { wire } = await client.open();
    wire.send(`4${"x".repeat(999_999)}`);
    expect(await wire.nextPacket()).toHaveLength(1_000_000);
    wire.send(`4${"é".repeat(500_000)}`);
    expect(await wire.closed).toBe(1009);
  });
});

describe("heartbeat", () => {
  it("pings by polling, again after each pong", async () => {
    const { sid } = await client.handshake();
    for (let round = 0; round < 3; round++) {
      const polled = await client.poll(sid);
      expect([polled.status, await polled.text()]).toEqual([200, "2"]);
      expect((await client.post(sid, "3")).status).toBe(200);
    }
  });

  it("pings over a WebSocket, again after each pong", async () => {
    const { wire } = await client.open();
    for (let round = 0; round < 3; round++) {
      expect(await wire.next()).toBe("2");
      wire.send("3");
    }
    wire.close();
  });

  it("gives up a polling client that answers no ping", async () => {
    const { sid } = await client.handshake();
    expect(await (await client.poll(sid)).text()).toBe("2");
    expect(await (await client.poll(sid)).text()).toBe("1");
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("gives up a polling client that never polls", async () => {
    const { sid } = await client.handshake();
    // as long as it may be silent
    const { wire } = await client.open();
    await wire.closed;
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("gives up a WebSocket that answers no ping", async () => {
    const { wire } = await client.open();
    await wire.closed;
  });
});

describe("close", () => {
  it("releases the GET of a polling client that says goodbye", async () => {
    const { sid } = await client.handshake();
    const polled = client.poll(sid);
    await client.post(sid, "3");
    expect((await client.post(sid, "1")).status).toBe(200);
    expect(await (await polled).text()).toBe("6");
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("takes a goodbye that comes together with a GET", async () => {
    const { sid } = await client.handshake();
    const [polled] = await Promise.all([client.poll(sid), client.post(sid, "1")]);
    expect([polled.status, await polled.text()]).toEqual([200, "6"]);
    expect((await client.poll(sid)).status).toBe(400);
  });

  it("closes a WebSocket that says goodbye", async () => {
    const { wire } = await client.open();
    wire.send("1");
    await wire.closed;
  });
});

describe("upgrade", () => {
  it("takes over, with what waited for a GET", async () => {
    const { sid } = await client.handshake();
    const wire = await WireSocket.open(client.socketUrl({ sid }));
    wire.send("2probe");
    expect(await wire.next()).toBe("3probe");
    const polled = await client.poll(sid);
    expect([polled.status, await polled.text()]).toEqual([200, "6"]);
    await client.post(sid, "4meanwhile");
    wire.send("5", "4hello");
    expect(await wire.nextPacket()).toBe("4meanwhile");
    expect(await wire.nextPacket()).toBe("4hello");
    wire.close();
  });

  it("releases the GET that waits when the probe comes", async () => {
    const { sid } = await client.handshake();
    const polled = client.poll(sid);
    await client.post(sid, "3");
    const wire = await client.upgrade(sid);
    expect(await (await polled).text()).toBe("6");
    wire.close();
  });

  it("refuses requests of the old transport afterwards, also one that overtakes the last frame", async () => {
    const { sid } = await client.handshake();
    const wire = await WireSocket.open(client.socketUrl({ sid }));
    wire.send("2probe", "5");
    expect((await client.poll(sid)).status).toBe(400);
    expect((await client.post(sid, "4late")).status).toBe(400);
    expect(await wire.next()).toBe("3probe");
    wire.send("4hello");
    expect(await wire.nextPacket()).toBe("4hello");
    wire.close();
  });

  it("accepts a second WebSocket, closes it, and leaves the first unharmed", async () => {
    const { sid } = await client.handshake();
    const wire = await client.upgrade(sid);
    const second = await WireSocket.open(client.socketUrl({ sid }));
    await second.closed;
    wire.send("4hello");
    expect(await wire.nextPacket()).toBe("4hello");
    wire.close();
  });

  it.each(["5", "4hello", "2", "abc"])(
    "drops a WebSocket whose probe is %j; polling goes on",
    async (frame) => {
      const { sid } = await client.handshake();
      const wire = await WireSocket.open(client.socketUrl({ sid }));
      wire.send(frame);
      await wire.closed;
      await client.post(sid, "4still here");
      expect(await messagesOf(await client.poll(sid))).toBe("4still here");
    },
  );

  it("goes on by polling when the WebSocket is lost before it took over", async () => {
    const { sid } = await client.handshake();
    const wire = await WireSocket.open(client.socketUrl({ sid }));
    wire.send("2probe");
    await wire.next();
    wire.close();
    await wire.closed;
    await client.post(sid, "4still here");
    expect(await messagesOf(await client.poll(sid))).toBe("4still here");
  });
});
