import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";

/** Connections that break, and what their clients find when they are back: nothing lost, nothing twice. */
let parley: ParleyWorkerd;
const open: ChatClient[] = [];

beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

async function connect(
  userId: string,
  options: Parameters<typeof ChatClient.open>[2] = {},
): Promise<ChatClient> {
  const client = await ChatClient.open(parley.url, await parley.token(userId), options);
  open.push(client);
  return client;
}

async function say(userId: string, conversationId: string, content: string): Promise<void> {
  const answer = await fetch(`${parley.url}/messages`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await parley.token(userId)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ conversationId, content }),
  });
  expect(answer.status).toBe(201);
}

const transports = [
  { note: "default options", options: {} },
  { note: "websocket only", options: { transports: ["websocket"] } },
  { note: "polling only", options: { transports: ["polling"] } },
];

describe.each(transports)("a client with $note", ({ options }) => {
  it("is the same one after a cut, and gets what it missed in every conversation, once", async () => {
    const [me, other] = [`u${crypto.randomUUID()}`, `u${crypto.randomUUID()}`];
    const groups = [await parley.group([me, other]), await parley.group([me, other])];
    const ada = await connect(me, { ...options, reconnection: false });
    for (const id of groups) await say(other, id, "before");
    for (const _ of groups)
      expect(await ada.next("newMessage")).toMatchObject({ content: "before" });
    // its answer comes after the offset of the last message
    await ada.call("ping");
    const { id } = ada.socket;
    ada.socket.io.engine.close();
    for (const content of ["one", "two"])
      for (const group of groups) await say(other, group, content);
    const fresh = await parley.group([other, me]);
    await say(other, fresh, "in a new place");
    ada.socket.connect();
    await ada.next("authenticated");
    const missed: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { conversationId, content } = await ada.next("newMessage");
      missed.push(`${String(conversationId)} ${String(content)}`);
    }
    const expected = groups.flatMap((group) => [`${group} one`, `${group} two`]);
    expect(new Set(missed)).toEqual(new Set([...expected, `${fresh} in a new place`]));
    for (const group of groups) {
      const ofGroup = missed.filter((text) => text.startsWith(group));
      expect(ofGroup).toEqual([`${group} one`, `${group} two`]);
    }
    expect([ada.socket.recovered, ada.socket.id]).toEqual([true, id]);
    await say(other, groups[0] ?? "", "live again");
    expect(await ada.next("newMessage")).toMatchObject({ content: "live again" });
    expect(ada.count("newMessage")).toBe(0);
  });
});

describe("the runtime", () => {
  it("may be killed: clients come back by themselves, and acked messages are all there, once", async () => {
    const [me, other] = [`u${crypto.randomUUID()}`, `u${crypto.randomUUID()}`];
    const conversationId = await parley.group([me, other]);
    const [ada, bo] = [await connect(me), await connect(other)];
    for (let n = 0; n < 20; n++) {
      expect(await ada.call("sendMessage", { conversationId, content: `m${n}` })).toMatchObject({
        success: true,
      });
    }
    const cut = new Promise((resolve) => bo.socket.once("disconnect", resolve));
    await parley.workerd.kill();
    await cut;
    await parley.workerd.restart();
    await bo.next("authenticated");
    await say(me, conversationId, "last");
    const contents: unknown[] = [];
    while (contents.at(-1) !== "last") contents.push((await bo.next("newMessage"))["content"]);
    expect(contents).toEqual([...Array.from({ length: 20 }, (_, n) => `m${n}`), "last"]);
    expect(bo.socket.recovered).toBe(true);
  });
});
