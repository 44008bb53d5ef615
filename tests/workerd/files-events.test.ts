import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { asMember } from "../support/changes.ts";
import { api, problem, refusalOf, register } from "./support/api.ts";
import { foundGroup, user, valueOf } from "./support/conversations.ts";
import { get, openRoom, presign, storedFile, type Room } from "./support/files.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { picture } from "./support/pictures.ts";

async function say(room: Room, key: string, attachments: string[]): Promise<number> {
  const message = { type: "FILE" as const, content: "see", attachments };
  const sends = [{ clientMessageId: key, message }] as const;
  const [placed] = valueOf(
    await room.conversation.rpc.append(asMember(room.userIds.alice), { sends }),
  );
  return placed?.seq ?? 0;
}

async function eventsOf(room: Room, cursor = 0): Promise<unknown> {
  const page = valueOf(await room.conversation.rpc.catchUp(user(room.userIds.bob), cursor));
  return JSON.parse(page.events);
}

async function image(room: Room) {
  return storedFile(room, { bytes: picture("photo-1.jpg"), name: "p.jpg", type: "image/jpeg" });
}

describe("[FIL-13] the log tells of files", () => {
  test("an upload and a deletion, to those who are there and to those who come back", async () => {
    const room = await openRoom();
    const bob = await MemberSocket.join(room.conversation.id, room.userIds.bob);
    const { fileId } = await storedFile(room, { bytes: "hello", name: "secret-plan.txt" });
    const uploaded = {
      seq: 1,
      at: expect.any(Number),
      type: "fileUploaded",
      senderId: room.userIds.alice,
      fileId,
      mimeType: "text/plain",
      size: 5,
    };
    expect((await bob.next("events")).events).toEqual([uploaded]);
    const seq = await say(room, "k1", [fileId, "https://example.org/x"]);
    await bob.next("events");
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    const deleted = {
      seq: 3,
      at: expect.any(Number),
      type: "fileDeleted",
      senderId: room.userIds.alice,
      fileId,
      targets: [seq],
    };
    expect((await bob.next("events")).events).toEqual([deleted]);
    const attachments = [fileId, "https://example.org/x"];
    expect(await eventsOf(room)).toMatchObject([
      uploaded,
      { type: "message", message: { attachments, deletedAttachments: [fileId] } },
      deleted,
    ]);
    expect(JSON.stringify(await eventsOf(room))).not.toContain("secret-plan");
    const shown = await api("GET", `/messages/${room.conversation.id}.${seq}`, { token: room.bob });
    expect(shown.data).toMatchObject({ attachments, deletedAttachments: [fileId], content: "see" });
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    expect(await eventsOf(room, 3)).toEqual([]);
  });

  test("over Socket.IO the caller has its answer, and the others have the event, once", async () => {
    const room = await openRoom();
    const place = new EdgePlace();
    const [alice, bob] = [
      await place.connect(room.userIds.alice),
      await place.connect(room.userIds.bob),
    ];
    const [first, second] = [
      await storedFile(room, { bytes: "1" }),
      await storedFile(room, { bytes: "2" }),
    ];
    const told = (fileId: string) => ({
      fileId,
      conversationId: room.conversation.id,
      status: "DELETED",
      deletedAt: expect.stringMatching(/Z$/),
      timestamp: expect.stringMatching(/Z$/),
    });
    alice.send(`42${JSON.stringify(["deleteFile", { fileId: first.fileId }])}`);
    expect(await alice.nextEvent("fileDeleted")).toEqual(told(first.fileId));
    expect(await bob.nextEvent("fileDeleted")).toEqual(told(first.fileId));
    // by REST, so that all connections hear of it; the next one that each has is about the second file
    await api("DELETE", `/files/${second.fileId}`, { token: room.alice });
    expect(await alice.nextEvent("fileDeleted")).toEqual(told(second.fileId));
    expect(await bob.nextEvent("fileDeleted")).toEqual(told(second.fileId));
  });

  test("an erased message's file is deleted by an event of its own", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "x" });
    const seq = await say(room, "k1", [fileId]);
    const erase = { type: "delete" as const, target: seq };
    valueOf(await room.conversation.rpc.change(asMember(room.userIds.alice), "d", erase));
    expect(await eventsOf(room, seq)).toMatchObject([
      { type: "deleted", target: seq },
      { type: "fileDeleted", fileId, targets: [] },
    ]);
  });

  test("the newest messages that name it are marked, a bounded number of them", async () => {
    const room = await openRoom();
    const { fileId } = await storedFile(room, { bytes: "x" });
    for (let n = 0; n <= LIMITS.fileTargets; n++) await say(room, `k${n}`, [fileId]);
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    const marked = await runInDurableObject(room.conversation.stub, (_, { storage }) =>
      storage.sql
        .exec("SELECT min(seq) AS first, count(*) AS n FROM event WHERE body LIKE '%deletedAtt%'")
        .one(),
    );
    expect(marked).toEqual({ first: 3, n: LIMITS.fileTargets });
  });

  test("who may not write may not begin an upload", async () => {
    const room = await openRoom();
    const mute = {
      type: "mute" as const,
      userId: room.userIds.bob,
      until: Date.now() + 3_600_000,
    };
    valueOf(await room.conversation.rpc.change(asMember(room.userIds.alice), "m", mute));
    const body = { conversationId: room.conversation.id, fileName: "x", size: 1 };
    const answer = await api("POST", "/files/presign", { token: room.bob, body });
    expect(refusalOf(answer)).toEqual(problem(403, "MUTED"));
  });

  test("an upload that is given up was never told of", async () => {
    const room = await openRoom();
    const { fileId } = await presign(room, { size: 5 });
    expect((await api("DELETE", `/files/${fileId}`, { token: room.bob })).status).toBe(404);
    expect((await api("DELETE", `/files/${fileId}`, { token: room.alice })).status).toBe(200);
    expect(await eventsOf(room)).toEqual([]);
  });
});

describe("[FIL-14] the picture of a group", () => {
  const patch = (room: Room, avatarFileId: string | null) =>
    api("PATCH", `/conversations/${room.conversation.id}`, {
      token: room.alice,
      body: { avatarFileId },
    });
  const read = async (fileId: string, token: string) => {
    const response = await get(`/files/${fileId}`, { token });
    await response.body?.cancel();
    return response.status;
  };

  test("is one of its files, and goes when another one takes its place", async () => {
    const [room, elsewhere] = [await openRoom(), await openRoom()];
    const [one, two, foreign] = [await image(room), await image(room), await image(elsewhere)];
    expect((await patch(room, one.fileId)).data["avatarFileId"]).toBe(one.fileId);
    expect(refusalOf(await patch(room, foreign.fileId))).toEqual(problem(400, "INVALID_DATA"));
    expect(await read(one.fileId, room.bob)).toBe(200);
    expect(await read(one.fileId, room.mallory)).toBe(404);
    await patch(room, two.fileId);
    expect(await read(one.fileId, room.bob)).toBe(404);
    expect(await read(two.fileId, room.bob)).toBe(200);
    await api("DELETE", `/files/${two.fileId}`, { token: room.alice });
    const view = await api("GET", `/conversations/${room.conversation.id}`, { token: room.bob });
    expect(view.data["avatarFileId"]).toBeNull();
  });

  test("that it is founded with is a copy of one that the founder may read", async () => {
    const [ada, bob] = await Promise.all([register("Ada"), register("Bob")]);
    const room: Room = {
      ...(await openRoom()),
      conversation: await foundGroup([ada.user.userId, bob.user.userId]),
      alice: ada.accessToken,
      bob: bob.accessToken,
    };
    const { fileId } = await image(room);
    const body = { name: "Next", participantIds: [bob.user.userId], avatarFileId: fileId };
    const group = await api("POST", "/groups", { token: room.alice, body });
    expect(group.status).toBe(201);
    const copy = String(group.data["avatarFileId"]);
    expect(copy).toBe(`${String(group.data["conversationId"])}.f1`);
    await api("DELETE", `/files/${fileId}`, { token: room.alice });
    const shown = await get(`/files/${copy}`, { token: room.bob });
    expect(new Uint8Array(await shown.arrayBuffer())).toEqual(picture("photo-1.jpg"));
    const stranger = await api("POST", "/groups", {
      token: room.mallory,
      body,
    });
    expect(refusalOf(stranger)).toEqual(problem(404, "NOT_FOUND"));
  });
});
