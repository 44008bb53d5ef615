import { expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { foundGroup, range, sendMany, viewOf } from "./support/conversations.ts";
import { MemberSocket } from "./support/member-socket.ts";

test("[AUTH-4] the first text after the token's expiry is not read, and ends the session", async () => {
  const conversation = await foundGroup(["ada"]);
  const socket = await MemberSocket.open(conversation.id, "ada", 0);
  socket.send({ type: "hello", version: 1 }, send("late"));
  expect(await socket.closed).toBe(CLOSE_CODES.tokenExpired);
  expect(socket.texts).toEqual([]);
  expect((await viewOf(conversation, "ada")).head).toBe(0);
});

test("[RES-1] one cursor, or a wish for the last few, is enough to go on", async () => {
  const conversation = await foundGroup(["ada"]);
  await sendMany(conversation, "ada", 9);
  for (const [hello, from] of [
    [{ cursor: 4 }, 4],
    [{ last: 3 }, 6],
    [{ cursor: 8, last: 3 }, 8],
    [{ last: 99 }, 0],
  ] as const) {
    const socket = await MemberSocket.open(conversation.id, "ada");
    expect((await socket.hello(hello)).from).toBe(from);
    const { events, more } = await socket.next("events");
    expect([events.map(({ seq }) => seq), more]).toEqual([range(from + 1, 9), undefined]);
    socket.socket.close(1000);
  }
});

test("[SND-1] every change gets one answer, whatever came with it", async () => {
  const conversation = await foundGroup(["ada"]);
  const socket = await MemberSocket.join(conversation.id, "ada");
  socket.send(
    send("a"),
    { type: "edit", clientMessageId: "b", target: 1, content: "edited" },
    { type: "edit", clientMessageId: "c", target: 9, content: "of nothing" },
    { type: "batch", sends: [send("d"), send("e")] },
    { type: "react", clientMessageId: "f", target: 1, emoji: "👍" },
    send("a"),
    { type: "delete", clientMessageId: "g", target: 1 },
  );
  const answers = ["ack", "ack", "error", "ack", "ack", "ack", "ack", "ack"] as const;
  const said = [];
  for (const type of answers) said.push(await socket.next(type));
  expect(said.map(({ clientMessageId }) => clientMessageId)).toEqual("abcdefag".split(""));
  expect(said.map((answer) => ("seq" in answer ? answer.seq : answer.code))).toEqual([
    1,
    2,
    "NOT_FOUND",
    3,
    4,
    5,
    1,
    6,
  ]);
  expect((await socket.next("events")).events).toHaveLength(6);
  socket.send({ type: "delete", clientMessageId: "h", target: 1, scope: "me" });
  expect(await socket.next("hidden")).toEqual({ type: "hidden", target: 1 });
  expect(await socket.next("ack")).toMatchObject({ clientMessageId: "h", seq: 6 });
  expect(socket.unread).toEqual([]);
});

function send(clientMessageId: string) {
  return { type: "send" as const, clientMessageId, message: { content: clientMessageId } };
}
