import { describe, expect, it } from "vitest";
import type { ChatClient } from "../support/chat-client.ts";
import { chatPlace, CLIENT_KINDS, person } from "../support/chat-place.ts";

/** Connections that break, and what their clients find when they are back: nothing lost, nothing twice. */
const RECOVERING = CLIENT_KINDS.filter(({ note }) => note !== "3.x"); // it knows no recovery

describe.each(RECOVERING)("a client of the kind $note", (kind) => {
  const place = chatPlace(kind);

  it("is the same one after a cut, and gets what it missed in every conversation, once", async () => {
    const [me, other] = [person(), person()];
    const groups = [await place.parley.group([me, other]), await place.parley.group([me, other])];
    const ada = await place.connect(me, { reconnection: false });
    for (const id of groups) await place.say(other, id, "before");
    for (const _ of groups)
      expect(await ada.next("newMessage")).toMatchObject({ content: "before" });
    // its answer comes after the offset of the last message
    await ada.call("ping");
    const { id } = ada.socket;
    ada.socket.io.engine.close();
    for (const content of ["one", "two"])
      for (const group of groups) await place.say(other, group, content);
    const fresh = await place.parley.group([other, me]);
    await place.say(other, fresh, "in a new place");
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
    await place.say(other, groups[0] ?? "", "live again");
    expect(await ada.next("newMessage")).toMatchObject({ content: "live again" });
    expect(ada.count("newMessage")).toBe(0);
  });
});

describe("the runtime", () => {
  const place = chatPlace();

  it("may be killed: clients come back by themselves, and acked messages are all there, once", async () => {
    const [me, other] = [person(), person()];
    const conversationId = await place.parley.group([me, other]);
    const [ada, bo] = [await place.connect(me), await place.connect(other)];
    for (let n = 0; n < 20; n++) {
      expect(await ada.call("sendMessage", { conversationId, content: `m${n}` })).toMatchObject({
        success: true,
      });
    }
    const cut = new Promise((resolve) => bo.socket.once("disconnect", resolve));
    await place.parley.workerd.kill();
    await cut;
    await place.parley.workerd.restart();
    await bo.next("authenticated");
    await place.say(me, conversationId, "last");
    const contents: unknown[] = [];
    while (contents.at(-1) !== "last") contents.push((await bo.next("newMessage"))["content"]);
    expect(contents).toEqual([...Array.from({ length: 20 }, (_, n) => `m${n}`), "last"]);
    expect(bo.socket.recovered).toBe(true);
  });

  it("may be killed while fifty write: every message is there for everybody, once in the log", async () => {
    const ids = Array.from({ length: 50 }, person);
    const conversationId = await place.parley.group(ids);
    const clients = await Promise.all(ids.map((id) => place.connect(id)));
    const writeAll = (round: string) =>
      Promise.all(
        clients.map((client, n) => {
          const content = `${round} ${n}`;
          return write(client, { conversationId, content, clientMessageId: content });
        }),
      );
    await writeAll("before");
    const cut = Promise.all(
      clients.map(({ socket }) => new Promise((resolve) => socket.once("disconnect", resolve))),
    );
    const meanwhile = writeAll("meanwhile");
    await place.parley.workerd.restart();
    await Promise.all([cut, meanwhile]);
    await writeAll("after");
    for (const [n, client] of clients.entries()) {
      const others = ids.flatMap((_, of) =>
        of === n ? [] : ["before", "meanwhile", "after"].map((round) => `${round} ${of}`),
      );
      await hear(client, others);
    }
    // the last of a hundred and fifty
    expect(await clients[0]?.call("joinConversation", { conversationId })).toMatchObject({
      lastSeq: 150,
    });
  });
});

/** Writes a message; what the cut has taken the answer of is said again, under the same key. */
async function write(client: ChatClient, message: object): Promise<void> {
  for (;;) {
    const answer = await client.callOrCut("sendMessage", message);
    if (answer === null || answer["retryable"] === true) continue;
    expect(answer).toMatchObject({ success: true });
    return;
  }
}

/**
 * Hears all of these, in the order of the log. What a client had before the cut, but not the offset behind it, comes again;
 * so does what it has written itself and was not answered.
 */
async function hear(client: ChatClient, contents: readonly string[]): Promise<void> {
  const missing = new Set<unknown>(contents);
  let last = 0;
  while (missing.size > 0) {
    const { content, seq } = await client.next("newMessage");
    if (!missing.delete(content)) continue;
    expect(Number(seq)).toBeGreaterThan(last);
    last = Number(seq);
  }
}
