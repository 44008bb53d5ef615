import type { Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CALM, startEchoGateway } from "../echo-gateway/start.ts";
import { EngineClient } from "../support/engine-client.ts";
import { rawFrame, rawUpgrade } from "../support/raw-upgrade.ts";
import type { WireSocket } from "../support/wire-socket.ts";
import type { Workerd } from "../support/workerd.ts";

/** Bytes that no library sends. Beside each attack there is somebody else in the same object, who must not notice. */
let workerd: Workerd;
let client: EngineClient;
let bystander: WireSocket;

beforeAll(async () => {
  workerd = await startEchoGateway({ pings: CALM });
  client = new EngineClient(`${workerd.url}/socket.io/`);
});
afterAll(() => workerd.stop());

beforeEach(async () => {
  bystander = (await client.open()).wire;
  bystander.send("40");
  await bystander.nextPacket();
  await bystander.nextPacket();
});

async function bystanderIsWell(): Promise<void> {
  bystander.send('42["message","well"]');
  expect(await bystander.nextPacket()).toBe('42["message-back","well"]');
  bystander.close();
}

/** Resolves with the server's Close frame, or with the end of the connection. */
async function closeFrame(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    // everything else that the server sends here is ASCII
    socket.on("data", (chunk: Buffer) => {
      if (chunk.includes(CLOSE_FRAME)) resolve();
    });
  });
}

const CLOSE_FRAME = 0x88;
const TEXT = 1;
const BINARY = 2;

describe("a WebSocket", () => {
  it.each([
    { note: "invalid UTF-8", frame: rawFrame(TEXT, Uint8Array.of(0x34, 0xff, 0xfe)) },
    { note: "a frame of a terabyte", frame: rawFrame(BINARY, new Uint8Array(100), 2 ** 40) },
    { note: "a reserved opcode", frame: rawFrame(11, new Uint8Array(1)) },
    { note: "a message of many megabytes", frame: rawFrame(TEXT, Buffer.alloc(8_000_000, "4")) },
  ])("is ended on $note", async ({ frame }) => {
    const socket = await rawUpgrade(client.url({ EIO: "4", transport: "websocket" }));
    const ended = closeFrame(socket);
    socket.write(rawFrame(TEXT, Buffer.from("40")));
    socket.write(frame);
    await ended;
    socket.destroy();
    await bystanderIsWell();
  });

  it("may break off in the middle of a frame", async () => {
    const socket = await rawUpgrade(client.url({ EIO: "4", transport: "websocket" }));
    socket.write(rawFrame(TEXT, Buffer.from("40"), 1_000));
    socket.destroy();
    await bystanderIsWell();
  });

  it("is cut when it does not read what it asks for", async () => {
    const socket = await rawUpgrade(client.url({ EIO: "4", transport: "websocket" }));
    socket.write(rawFrame(TEXT, Buffer.from("40")));
    socket.pause();
    const echoed = rawFrame(TEXT, Buffer.from(`42["message","${"x".repeat(100_000)}"]`));
    // far more than may be owed, and than the kernel takes
    for (let n = 0; n < 200; n++) socket.write(echoed);
    await bystanderIsWell();
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    await closeFrame(socket);
    socket.destroy();
    expect(received).toBeLessThan(3_000_000);
  });

  it("is ended by the first of ten thousand events before CONNECT", async () => {
    const { wire } = await client.open();
    wire.send(...Array.from({ length: 10_000 }, () => '42["message",1]'));
    await wire.closed;
    await bystanderIsWell();
  });
});

describe("a POST", () => {
  it("of invalid UTF-8 is read with replacements, and ends nobody else's session", async () => {
    const { sid } = await client.handshake();
    await client.post(sid, "40");
    const body = Buffer.concat([Buffer.from('42["message","'), Buffer.of(0xff), Buffer.from('"]')]);
    await client.poll(sid);
    expect((await client.poll(sid, { method: "POST", body })).status).toBe(200);
    expect(await (await client.poll(sid)).text()).toBe('42["message-back","\ufffd"]');
    await bystanderIsWell();
  });

  it("with another's session id and a false mac gets nothing of it", async () => {
    const { sid } = await client.handshake();
    await client.post(sid, "40");
    const forged = `${sid.slice(0, -22)}${"A".repeat(22)}`;
    expect((await client.poll(forged)).status).toBe(400);
    expect((await client.post(forged, "1")).status).toBe(400);
    expect((await client.poll(sid)).status).toBe(200);
    await bystanderIsWell();
  });

  it("of a hundred thousand packets is answered, or ends its own session", async () => {
    const { sid } = await client.handshake();
    await client.post(sid, "40");
    await client.post(sid, Array.from({ length: 100_000 }, () => "42[1]").join("\x1e"));
    await bystanderIsWell();
  });
});
