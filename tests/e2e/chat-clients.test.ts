import { expect, it } from "vitest";
import { chatPlace, CLIENT_KINDS, person } from "../support/chat-place.ts";
import { EngineClient } from "../support/engine-client.ts";
import { WireSocket } from "../support/wire-socket.ts";

/** Clients of every kind in one conversation. */
const place = chatPlace();

it("new and old, polling and not, and one that frames by hand, hear the same in the same order", async () => {
  const ids = Array.from({ length: 5 }, person);
  const conversationId = await place.parley.group(ids);
  const [byHand = "", ...others] = ids;
  const clients = await Promise.all(
    CLIENT_KINDS.map((kind, n) => place.connect(others[n] ?? "", {}, kind)),
  );
  // as Dart's does: a WebSocket that calls itself polling
  const engine = new EngineClient(`${place.parley.url}/socket.io/`);
  const wire = await WireSocket.open(engine.socketUrl({ transport: "polling" }));
  await wire.nextPacket();
  wire.send(`40{"token":"${await place.parley.token(byHand)}"}`);
  wire.send(`421["sendMessage",{"conversationId":"${conversationId}","content":"by hand"}]`);
  // stored before the others begin: it signs in and sends at once, and so takes longer than they do
  while (!String(await wire.nextPacket()).startsWith("431")) continue;
  for (const [n, client] of clients.entries()) {
    const sent = await client.call("sendMessage", { conversationId, content: `from ${n}` });
    expect(sent).toMatchObject({ success: true });
  }
  const expected = ["by hand", "from 0", "from 1", "from 2", "from 3"];
  for (const [n, client] of clients.entries()) {
    const contents: unknown[] = [];
    while (contents.length < 4) contents.push((await client.next("newMessage"))["content"]);
    expect(contents).toEqual(expected.filter((content) => content !== `from ${n}`));
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
  const ids = Array.from({ length: 50 }, person);
  const conversationId = await place.parley.group(ids);
  const clients = await Promise.all(ids.map((id) => place.connect(id)));
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
});
