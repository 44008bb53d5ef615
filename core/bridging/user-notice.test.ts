import { describe, expect, test } from "vitest";
import { INGEST_CALLS } from "../../protocol/ingest.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { noticeName, readUserNotices } from "./user-notice.ts";

const text = (value: object) => JSON.stringify(value);
const place = { topic: "chat.notifications", partition: 3, offset: "41" };

describe("a record of the topic of notifications", () => {
  test("[ING-4] tells one user or many, in both spellings, each once", () => {
    const notice = { title: "Bill", body: "is due", data: { bill: 7 } };
    expect(readUserNotices(text({ userId: "ada", eventId: "e1", ...notice }))).toEqual({
      ok: true,
      value: [{ type: "userNotice", eventId: "e1", userIds: ["ada"], notice }],
    });
    const many = { user_ids: ["ada", "bob", "ada"], user_id: "cleo", event_id: "e2", ...notice };
    expect(readUserNotices(text(many))).toEqual({
      ok: true,
      value: [{ type: "userNotice", eventId: "e2", userIds: ["cleo", "ada", "bob"], notice }],
    });
  });

  test("[ING-4] may leave out what it has not", () => {
    expect(readUserNotices(text({ userId: "ada", title: "Hi", body: null }))).toMatchObject({
      value: [{ eventId: null, notice: { title: "Hi", body: "", data: {} } }],
    });
  });

  test("[ING-4] for more users than one request may tell comes in parts under one name", () => {
    const userIds = Array.from({ length: INGEST_CALLS * 2 + 1 }, (_, n) => `u${n}`);
    const read = readUserNotices(text({ userIds, title: "all" }));
    if (!read.ok) throw new Error(read.error);
    expect(read.value.map(({ userIds }) => userIds.length)).toEqual([
      INGEST_CALLS,
      INGEST_CALLS,
      1,
    ]);
    expect(read.value.flatMap(({ userIds }) => userIds)).toEqual(userIds);
    expect(new Set(read.value.map((part) => noticeName(part, place)))).toEqual(
      new Set(["record:chat.notifications-3-41"]),
    );
  });

  test.each([
    ["{", "the value is not JSON"],
    ["[]", "title"],
    [text({ title: "to nobody" }), "userId and userIds are missing"],
    [text({ title: "to nobody", userIds: [] }), "userId and userIds are missing"],
    [text({ userId: "", title: "t" }), "userId"],
    [text({ userId: "ada" }), "title"],
    [text({ userId: "ada", title: "x".repeat(LIMITS.notificationTitleBytes + 1) }), "title"],
    [text({ userId: "ada", title: "t", data: [1] }), "data"],
  ])("[ING-4] that cannot be read is a dead letter with its reason: %.60s", (value, reason) => {
    const read = readUserNotices(value);
    expect(read).toEqual({ ok: false, error: expect.stringContaining(reason) });
  });
});

test("[ING-4] a name of an event is no name of a place", () => {
  const [named, unnamed] = [{ eventId: "chat.notifications-3-41" }, { eventId: null }].map(
    (fields) => {
      const notice = { title: "t", body: "", data: {} };
      return noticeName({ type: "userNotice", userIds: [], notice, ...fields }, place);
    },
  );
  expect(named).not.toBe(unnamed);
});
