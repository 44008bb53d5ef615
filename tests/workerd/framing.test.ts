import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { FRAMING_RULES } from "./support/framing-gateway.ts";
import { Place } from "./support/io-client.ts";

const asleep = { webSockets: "hibernate" } as const;

describe("sleep", () => {
  test("every socket keeps its identity and what its handlers kept", async () => {
    const place = new Place();
    const clients = [await place.connect({ name: "ada" }), await place.connect({ name: "bo" })];
    for (const client of clients) await client.ask("whoami");
    await evictDurableObject(place.gateway, asleep);
    const names = ["ada", "bo"];
    for (const [n, client] of clients.entries()) {
      expect(await client.ask("whoami")).toEqual({
        id: client.connection.sid,
        name: names[n],
        calls: 2,
      });
    }
  });

  test("a polling session goes on, with what waited for it", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, '40{"name":"ada"}');
    const { id } = /"sid":"(?<id>[^"]+)"/.exec((await place.poll(sid)).text)?.groups ?? {};
    await place.post(sid, '42["echo","before"]');
    await place.post(sid, '42["echo",{"_placeholder":true}]');
    await evictDurableObject(place.gateway, asleep);
    await place.post(sid, '421["whoami"]');
    expect((await place.poll(sid)).text).toBe(
      [
        '42["echo","before"]',
        '42["echo",{"_placeholder":true}]',
        `431[{"id":"${id}","name":"ada","calls":1}]`,
      ].join("\x1e"),
    );
  });

  test("what was fetched before does not come again", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "40");
    await place.poll(sid);
    await evictDurableObject(place.gateway, asleep);
    await place.post(sid, '42["echo","after"]');
    expect((await place.poll(sid)).text).toBe('42["echo","after"]');
  });

  test("a session that ended answers one more GET, and is gone also afterwards", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "1");
    await evictDurableObject(place.gateway, asleep);
    expect((await place.poll(sid)).text).toBe("6");
    await evictDurableObject(place.gateway, asleep);
    expect((await place.poll(sid)).status).toBe(400);
    expect(await storedKeys(place)).toEqual([]);
  });

  test("an upgrade may be interrupted by it at any step, and leaves no rows", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "40");
    const client = await place.socket({ sid });
    await evictDurableObject(place.gateway, asleep);
    client.send("2probe");
    expect(await client.next()).toBe("3probe");
    await evictDurableObject(place.gateway, asleep);
    client.send("5");
    expect(await client.next()).toMatch(/^40\{/);
    await evictDurableObject(place.gateway, asleep);
    client.send('42["echo","over"]');
    expect(await client.next()).toBe('42["offset","0"]');
    expect(await client.next()).toBe('42["echo","over"]');
    expect(await storedKeys(place)).toEqual([]);
  });

  test("an attachment finds the header that came before", async () => {
    const place = new Place();
    const client = await place.connect();
    client.send('452-["echo",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]');
    client.send(Uint8Array.of(1));
    await runInDurableObject(place.gateway, () => undefined);
    await evictDurableObject(place.gateway, asleep);
    client.send(Uint8Array.of(2));
    expect(await client.next()).toBe(
      '452-["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
    );
    expect([await client.next(), await client.next()]).toEqual([
      Uint8Array.of(2),
      Uint8Array.of(1),
    ]);
    expect(await partialRows(place)).toBe(0);
  });

  test("an answer that was asked for before still counts, once; others never do", async () => {
    const place = new Place();
    const client = await place.connect();
    client.send('42["question"]');
    expect(await client.next()).toBe('420["question",{"of":"the server"}]');
    await evictDurableObject(place.gateway, asleep);
    client.send("431[1]", '430["yes"]', '430["twice"]', '42["echo","end"]');
    expect(await client.next()).toBe('42["answered",{"ackId":0,"args":["yes"]}]');
    expect(await client.next()).toBe('42["echo","end"]');
  });

  test("a socket that is closed while it sleeps is told to the handlers with what they kept", async () => {
    const place = new Place();
    const client = await place.connect({ name: "ada" });
    await evictDurableObject(place.gateway, asleep);
    client.close();
    await client.closed;
    expect(await runInDurableObject(place.gateway, ({ disconnects }) => disconnects)).toEqual([
      "ada: transport closed",
    ]);
  });
});

describe("heartbeat", () => {
  test("a hundred idle clients cost one alarm per interval together, and their pongs wake nothing", async () => {
    const place = new Place();
    const clients = await Promise.all(Array.from({ length: 100 }, () => place.connect()));
    const counts = () =>
      runInDurableObject(place.gateway, ({ alarms, messages }) => ({ alarms, messages }));
    await Promise.all(clients.map((client) => client.pinged(2)));
    const before = await counts();
    await Promise.all(clients.map((client) => client.pinged(4)));
    const after = await counts();
    expect(before.messages).toBe(100);
    expect(after).toEqual({ messages: 100, alarms: before.alarms + 2 });
  });

  test("a client that stops answering is given up, also across a sleep; the others are not", async () => {
    const place = new Place();
    const [ada, bo] = [await place.connect({ name: "ada" }), await place.connect({ name: "bo" })];
    bo.answersPings = false;
    await bo.pinged(1);
    await evictDurableObject(place.gateway, asleep);
    await bo.closed;
    await ada.pinged(bo.pings + 2);
    expect(await ada.ask("whoami")).toMatchObject({ name: "ada" });
  });

  test("the alarm stops with the last session", async () => {
    const place = new Place();
    const client = await place.connect();
    client.close();
    await client.closed;
    await expect
      .poll(() => runInDurableObject(place.gateway, (_, { storage }) => storage.getAlarm()), {
        timeout: FRAMING_RULES.pingIntervalMs * 3,
      })
      .toBeNull();
  });
});

describe("recovery", () => {
  test("a client that was cut gets its id back, and what it missed", async () => {
    const place = new Place();
    const [ada, bo] = [await place.connect({ name: "ada" }), await place.connect({ name: "bo" })];
    bo.send('42["say","one"]');
    expect([await ada.next(), await ada.next()]).toEqual([
      '42["said",{"text":"one"}]',
      '42["offset","1"]',
    ]);
    ada.send('42["cut"]');
    await ada.closed;
    bo.send('42["say","two"]');
    for (let n = 0; n < 4; n++) await bo.next();
    const again = await place.socket();
    await again.next();
    again.send(`40${JSON.stringify({ name: "ada", pid: ada.connection.pid, offset: "1" })}`);
    expect(JSON.parse(String(await again.next()).slice(2))).toEqual(ada.connection);
    expect(await again.next()).toBe('42["said",{"text":"two"}]');
    expect(await again.next()).toBe('42["offset","2"]');
  });

  test.each([
    { note: "no offset", claim: { pid: "AAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAA" } },
    { note: "a pid of another shape", claim: { pid: "x", offset: "1" } },
    {
      note: "an offset that is none",
      claim: { pid: "AAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAA", offset: "x" },
    },
    { note: "a pid that is no text", claim: { pid: { toString: "x" }, offset: ["1"] } },
  ])("a claim with $note is a first connection", async ({ claim }) => {
    const client = await new Place().connect(claim);
    expect(client.connection.pid).not.toBe(claim.pid);
    expect(client.connection.sid).not.toBe("AAAAAAAAAAAAAAAAAAAA");
  });
});

describe("ends", () => {
  test("a refused CONNECT says why, and leaves the connection for another try", async () => {
    const client = await new Place().socket();
    await client.next();
    client.send('40{"refuse":true}');
    expect(await client.next()).toBe('44{"message":"not you","data":{"code":"INVALID_TOKEN"}}');
    client.send("40");
    expect(await client.next()).toMatch(/^40\{/);
  });

  test("a handler that throws, at once or later, ends its own session and no other", async () => {
    const place = new Place();
    const other = await place.connect({ name: "other" });
    for (const event of ["throw", "reject"]) {
      const client = await place.connect();
      client.send(`42["${event}"]`);
      await client.closed;
    }
    expect(await other.ask("whoami")).toMatchObject({ name: "other" });
    expect(await runInDurableObject(place.gateway, ({ failures }) => failures.length)).toBe(2);
  });

  test("a polling client that is sent away from a namespace keeps its session", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "40");
    await place.poll(sid);
    await place.post(sid, '42["echo","last"]\x1e42["leave"]');
    expect((await place.poll(sid)).text).toBe('42["echo","last"]\x1e41');
    await place.post(sid, "40");
    expect((await place.poll(sid)).text).toMatch(/^40/);
  });

  test("a polling client that is cut still gets its last packets, also after a sleep", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "40");
    await place.poll(sid);
    await place.post(sid, '42["echo","last"]\x1e42["cut"]\x1e42["echo","too late"]');
    await evictDurableObject(place.gateway, asleep);
    expect((await place.poll(sid)).text).toBe('42["echo","last"]\x1e1');
    expect((await place.poll(sid)).status).toBe(400);
  });

  test("a polling client that does not fetch is ended before its packets fill the memory", async () => {
    const place = new Place();
    const sid = await place.handshake();
    await place.post(sid, "40");
    const speaker = await place.connect();
    const text = "x".repeat(9_000);
    const enough = FRAMING_RULES.bufferedBytes / text.length + 1;
    for (let n = 0; n < enough; n++) {
      speaker.send(`42["say","${text}"]`);
      await speaker.next();
      await speaker.next();
    }
    expect((await place.poll(sid)).status).toBe(400);
  });

  test("ten thousand events before CONNECT are one end, and nobody else notices", async () => {
    const place = new Place();
    const other = await place.connect({ name: "other" });
    const client = await place.socket();
    await client.next();
    for (let n = 0; n < 10_000; n++) client.send('42["whoami"]');
    await client.closed;
    expect(await other.ask("whoami")).toEqual({
      id: other.connection.sid,
      name: "other",
      calls: 1,
    });
  });

  test("JSON that is deeper than any stack ends its own session at most", async () => {
    const place = new Place();
    const other = await place.connect({ name: "other" });
    const client = await place.connect();
    client.send(`42["echo",${"[".repeat(4_900)}${"]".repeat(4_900)}]`);
    client.send('42["echo","end"]');
    await Promise.race([client.closed, client.next()]);
    expect(await other.ask("whoami")).toMatchObject({ name: "other" });
  });
});

describe("room", () => {
  test("[LIM-15] a full Gateway refuses, and the next one of the place takes the client", async () => {
    const place = new Place();
    const sids = await Promise.all(
      Array.from({ length: FRAMING_RULES.maxSessions + 1 }, () => place.handshake()),
    );
    const gateways = new Set(sids.map((sid) => /^t[0-9a-f]+-(\d+)\./.exec(sid)?.[1]));
    expect(gateways).toEqual(new Set(["0", "1"]));
    expect(new Set(sids).size).toBe(sids.length);
  });
});

async function storedKeys(place: Place): Promise<string[]> {
  return runInDurableObject(place.gateway, (_, { storage }) =>
    [...storage.kv.list()].map(([key]) => key),
  );
}

async function partialRows(place: Place): Promise<number> {
  return runInDurableObject(
    place.gateway,
    (_, { storage }) =>
      storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM partial_packet").one().n,
  );
}
