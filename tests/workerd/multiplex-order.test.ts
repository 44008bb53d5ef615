import { expect, test } from "vitest";
import { foundGroup, range, send } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

test.each([
  ["in one text", 60],
  ["in a text each", 1],
  ["a few in a text", 7],
])(
  "[ORD-5] messages and other changes, %s, are stored in the order in which they were sent",
  async (_, size) => {
    const [me, you] = [freshUser(), freshUser()];
    const conversation = await foundGroup([me, you]);
    const { id: conversationId } = conversation;
    await send(conversation, you, "target");
    const ada = await Multiplexed.open(new EdgePlace(), await mintToken(me));
    ada.hello(conversationId);
    await ada.next(conversationId, "welcome");
    const frames = range(1, 60).map((n) => {
      const named = { conversationId, clientMessageId: `k${n}` };
      return n % 3 === 0
        ? { ...named, type: "react", target: 1, emoji: `${n}` }
        : { ...named, type: "send", message: { content: "x" } };
    });
    for (let from = 0; from < frames.length; from += size) {
      ada.send(...frames.slice(from, from + size));
    }
    const seqs = new Map<unknown, unknown>();
    for (const _frame of frames) {
      const { clientMessageId, seq } = await ada.next(conversationId, "ack");
      seqs.set(clientMessageId, seq);
    }
    expect(frames.map(({ clientMessageId }) => seqs.get(clientMessageId))).toEqual(range(2, 61));
  },
);
