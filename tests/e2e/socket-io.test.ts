import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEchoGateway } from "../echo-gateway/start.ts";
import { EngineClient } from "../support/engine-client.ts";
import type { WireSocket } from "../support/wire-socket.ts";
import type { Workerd } from "../support/workerd.ts";

/** The rules of the official Socket.IO v5 test suite, frame by frame, as a client without any library would speak. */
let workerd: Workerd;
let client: EngineClient;

beforeAll(async () => {
  workerd = await startEchoGateway();
  client = new EngineClient(`${workerd.url}/socket.io/`);
});
afterAll(() => workerd.stop());

async function open(): Promise<WireSocket> {
  return (await client.open()).wire;
}

/** A WebSocket that has connected the main namespace. */
async function connected(): Promise<WireSocket> {
  const wire = await open();
  wire.send("40");
  expect(await wire.nextPacket()).toMatch(/^40\{"sid":"[\w-]{20}"\}$/);
  expect(await wire.nextPacket()).toBe('42["auth",{}]');
  return wire;
}

describe("connect", () => {
  it.each([
    {
      note: "the main namespace",
      connect: "40",
      answer: /^40\{"sid":"[\w-]{20}"\}$/,
      auth: '42["auth",{}]',
    },
    {
      note: "the main namespace with a payload",
      connect: '40{"token":"123"}',
      answer: /^40\{"sid":"[\w-]{20}"\}$/,
      auth: '42["auth",{"token":"123"}]',
    },
    {
      note: "another namespace",
      connect: "40/custom,",
      answer: /^40\/custom,\{"sid":"[\w-]{20}"\}$/,
      auth: '42/custom,["auth",{}]',
    },
    {
      note: "another namespace with a payload",
      connect: '40/custom,{"token":"abc"}',
      answer: /^40\/custom,\{"sid":"[\w-]{20}"\}$/,
      auth: '42/custom,["auth",{"token":"abc"}]',
    },
  ])("connects $note", async ({ connect, answer, auth }) => {
    const wire = await open();
    wire.send(connect);
    expect(await wire.nextPacket()).toMatch(answer);
    expect(await wire.nextPacket()).toBe(auth);
    wire.close();
  });

  it("shows an id that is not the session's", async () => {
    const { wire, handshake } = await client.open();
    wire.send("40");
    expect(await wire.nextPacket()).not.toContain(handshake.sid);
    wire.close();
  });

  it.each(["/random", "/__proto__", "/constructor"])(
    "refuses the unknown namespace %s",
    async (namespace) => {
      const wire = await open();
      wire.send(`40${namespace}`);
      expect(await wire.nextPacket()).toBe(`44${namespace},{"message":"Invalid namespace"}`);
      wire.send("40");
      expect(await wire.nextPacket()).toMatch(/^40\{/);
      wire.close();
    },
  );

  it.each([
    { note: "no packet at all", frame: "4abc" },
    { note: "an event", frame: '42["message","early"]' },
    { note: "an event of a namespace nobody connected", frame: '42/custom,["message"]' },
    { note: "an ack", frame: "431[]" },
    { note: "a disconnect", frame: "41" },
    { note: "a connect error", frame: '44{"message":"no"}' },
    { note: "bytes", frame: Uint8Array.of(1) },
  ])("closes when the first packet is $note", async ({ frame }) => {
    const wire = await open();
    wire.send(frame);
    await wire.closed;
  });

  it("closes when a namespace is connected twice", async () => {
    const wire = await connected();
    wire.send("40");
    await wire.closed;
  });

  it("closes when nothing comes", async () => {
    await (
      await open()
    ).closed;
  });
});

describe("disconnect", () => {
  it("leaves the main namespace and keeps the connection", async () => {
    const wire = await connected();
    wire.send("41");
    expect(await wire.next()).toBe("2");
    wire.close();
  });

  it("leaves another namespace alone", async () => {
    const wire = await connected();
    wire.send("40/custom");
    expect(await wire.nextPacket()).toMatch(/^40\/custom,/);
    expect(await wire.nextPacket()).toBe('42/custom,["auth",{}]');
    wire.send("41/custom", '42["message","message to main namespace"]');
    expect(await wire.nextPacket()).toBe('42["message-back","message to main namespace"]');
    wire.send('42/custom,["message"]');
    await wire.closed;
  });
});

describe("message", () => {
  const first = Uint8Array.of(1, 2, 3);
  const second = Uint8Array.of(4, 5, 6);
  const holes = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

  it.each([
    {
      note: "text",
      sent: ['42["message",1,"2",{"3":[true]}]'],
      back: ['42["message-back",1,"2",{"3":[true]}]'],
    },
    {
      note: "attachments",
      sent: [`452-["message",${holes}]`, first, second],
      back: [`452-["message-back",${holes}]`, first, second],
    },
    {
      note: "text with an ack",
      sent: ['42456["message-with-ack",1,"2",{"3":[false]}]'],
      back: ['43456[1,"2",{"3":[false]}]'],
    },
    {
      note: "attachments with an ack",
      sent: [`452-789["message-with-ack",${holes}]`, first, second],
      back: [`462-789[${holes}]`, first, second],
    },
  ])("carries $note", async ({ sent, back }) => {
    const wire = await connected();
    wire.send(...sent);
    for (const frame of back) expect(await wire.nextPacket()).toEqual(frame);
    wire.close();
  });

  it("carries attachments by polling", async () => {
    const { sid } = await client.handshake();
    await client.post(sid, "40");
    const [connect, auth] = (await (await client.poll(sid)).text()).split("\x1e");
    expect(connect).toMatch(/^40\{"sid":"[\w-]{20}"\}$/);
    expect(auth).toBe('42["auth",{}]');
    await client.post(sid, `452-["message",${holes}]\x1ebAQID\x1ebBAUG`);
    expect(await (await client.poll(sid)).text()).toBe(
      `452-["message-back",${holes}]\x1ebAQID\x1ebBAUG`,
    );
  });

  it.each([
    { note: "an unknown type", frames: ["4abc"] },
    { note: "a payload that is no array", frames: ["42{}"] },
    { note: "an ack id that is no number", frames: ['42abc["message-with-ack",1]'] },
    {
      note: "an ack id beyond every integer",
      frames: [`42${"9".repeat(400)}["message-with-ack"]`],
    },
    { note: "an event without a name", frames: ["42[]"] },
    { note: "an event without a payload", frames: ["42"] },
    { note: "a reserved name", frames: ['42["disconnect"]'] },
    { note: "a truncated payload", frames: ['42["message",{"a":'] },
    {
      note: "text where bytes are due",
      frames: [`451-["message",{"_placeholder":true,"num":0}]`, "42[1]"],
    },
    { note: "bytes that nobody announced", frames: [first] },
    {
      note: "a hole that no attachment fills",
      frames: ['451-["message",{"_placeholder":true,"num":7}]', first],
    },
    { note: "too many attachments", frames: ['4511-["message"]'] },
    { note: "attachments without a number", frames: ['45x-["message"]'] },
  ])("closes on $note", async ({ frames }) => {
    const wire = await connected();
    wire.send(...frames);
    await wire.closed;
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes %s for a name like any other",
    async (name) => {
      const wire = await connected();
      wire.send(
        `42["${name}",1]`,
        `421["${name}",{"__proto__":{"polluted":true}}]`,
        '42["message","alive"]',
      );
      expect(await wire.nextPacket()).toBe('42["message-back","alive"]');
      wire.close();
    },
  );

  it("ignores an ack that nobody asked for", async () => {
    const wire = await connected();
    wire.send("430[]", "43999[1]", '42["message","alive"]');
    expect(await wire.nextPacket()).toBe('42["message-back","alive"]');
    wire.close();
  });
});
