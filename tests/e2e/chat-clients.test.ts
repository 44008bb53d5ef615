import { io as olderIo } from "socket.io-client-3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { EngineClient } from "../support/engine-client.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { WireSocket } from "../support/wire-socket.ts";

/** Clients of every kind in one conversation. */
let parley: ParleyWorkerd;

beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

function people(count: number): string[] {
  return Array.from({ length: count }, () => `u${crypto.randomUUID()}`);
}

it("new and old, polling and not, and one that frames by hand, hear the same in the same order", async () => {
  const ids = people(5);
  const conversationId = await parley.group(ids);
  const [byHand = "", old = "", ...others] = ids;
  const auth = { token: await parley.token(old) };
  const older = new ChatClient(olderIo(parley.url, { auth, forceNew: true }));
  await older.next("authenticated");
  const options = [{}, { transports: ["websocket"] }, { transports: ["polling"] }];
  const newer = await Promise.all(
    others.map(async (id, n) => ChatClient.open(parley.url, await parley.token(id), options[n])),
  );
  // as Dart's does: a WebSocket that calls itself polling
  const engine = new EngineClient(`${parley.url}/socket.io/`);
  const wire = await WireSocket.open(engine.socketUrl({ transport: "polling" }));
  await wire.nextPacket();
  wire.send(`40{"token":"${await parley.token(byHand)}"}`);
  wire.send(`421["sendMessage",{"conversationId":"${conversationId}","content":"by hand"}]`);
  // stored before the others begin: it signs in and sends at once, and so takes longer than they do
  while (!String(await wire.nextPacket()).startsWith("431")) continue;
  const clients = [older, ...newer];
  for (const [n, client] of clients.entries()) {
    const sent = await client.call("sendMessage", { conversationId, content: `from ${n}` });
    expect(sent).toMatchObject({ success: true });
  }
  const expected = ["by hand", "from 0", "from 1", "from 2", "from 3"];
  for (const [n, client] of clients.entries()) {
    const contents: unknown[] = [];
    while (contents.length < 4) contents.push((await client.next("newMessage"))["content"]);
    expect(contents).toEqual(expected.filter((content) => content !== `from ${n}`));
    client.close();
  }
  const frames: string[] = [];
  while (frames.length < 4) {
    const frame = String(await wire.nextPacket());
    if (frame.startsWith('42["newMessage"')) frames.push(JSON.parse(frame.slice(2))[1].content);
  }
  expect(frames).toEqual(expected.slice(1));
  wire.close();
});

it("fifty at once hear everything, once and in one order", async () => {
  const ids = people(50);
  const conversationId = await parley.group(ids);
  const clients = await Promise.all(
    ids.map(async (id) => ChatClient.open(parley.url, await parley.token(id))),
  );
  const answers = await Promise.all(
    clients.map((client, n) => client.call("sendMessage", { conversationId, content: `m${n}` })),
  );
  expect(answers.every((answer) => answer["success"] === true)).toBe(true);
  for (const [n, client] of clients.entries()) {
    const seqs: unknown[] = [];
    while (seqs.length < clients.length - 1) seqs.push((await client.next("newMessage"))["seq"]);
    const own = answers[n]?.["seq"];
    expect(seqs).toEqual(clients.map((_, index) => index + 1).filter((seq) => seq !== own));
  }
  for (const client of clients) client.close();
});
