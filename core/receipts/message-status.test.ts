import { describe, expect, test } from "vitest";
import { messageStatus, type Recipient } from "./message-status.ts";

const MESSAGE = { seq: 5, senderId: "me" };

function person(userId: string, delivered: number, read: number, joinedSeq = 0): Recipient {
  return {
    userId,
    joinedSeq,
    cursor: { delivered, deliveredAt: delivered * 10, read, readAt: read * 10 },
  };
}

describe(messageStatus, () => {
  test("[RCP-4] it is READ when every other member has read it", () => {
    expect(
      messageStatus(MESSAGE, [person("me", 0, 0), person("a", 5, 5), person("b", 9, 7)]),
    ).toEqual({
      status: "READ",
      deliveredTo: ["a", "b"],
      readBy: ["a", "b"],
      pending: 0,
      deliveredAt: 90,
      readAt: 70,
    });
  });

  test("[RCP-4] one who has not got it keeps it at SENT", () => {
    expect(messageStatus(MESSAGE, [person("a", 5, 5), person("b", 4, 0)])).toEqual({
      status: "SENT",
      deliveredTo: ["a"],
      readBy: ["a"],
      pending: 1,
      deliveredAt: null,
      readAt: null,
    });
  });

  test("[RCP-4] got by all and read by some is DELIVERED", () => {
    const status = messageStatus(MESSAGE, [person("a", 5, 5), person("b", 5, 4)]);
    expect(status).toMatchObject({
      status: "DELIVERED",
      deliveredAt: 50,
      readAt: null,
      readBy: ["a"],
    });
  });

  test("[RCP-4] whoever joined after it is not waited for", () => {
    const status = messageStatus(MESSAGE, [person("a", 5, 5), person("late", 0, 0, 5)]);
    expect(status).toMatchObject({ status: "READ", pending: 0 });
  });

  test("[RCP-4] a message to nobody stays SENT", () => {
    expect(messageStatus(MESSAGE, [person("me", 5, 5)])).toMatchObject({
      status: "SENT",
      pending: 0,
    });
  });
});
