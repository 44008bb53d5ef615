import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { parseFileId } from "../../protocol/file-id.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { FileUrls } from "../../worker/files/file-urls.ts";
import { asMember } from "../support/changes.ts";
import { api, EDGE, problem, refusalOf } from "./support/api.ts";
import { user, valueOf } from "./support/conversations.ts";
import {
  answerOf,
  get,
  openRoom,
  presign,
  put,
  storedFile,
  upload,
  type Room,
  type UploadedFile,
} from "./support/files.ts";
import { picture } from "./support/pictures.ts";

/** Every route of files, as somebody with this token, or none, calls it. */
function everyRoute(room: Room, file: UploadedFile, token?: string) {
  const { id } = room.conversation;
  const { fileId } = file;
  const as = token === undefined ? {} : { token };
  const presignBody = { conversationId: id, fileName: "x", size: 1 };
  const form = () => upload(token ?? "", { bytes: "x", before: { conversationId: id } });
  const late = () => upload(token ?? "", { bytes: "x", after: { conversationId: id } });
  return {
    "POST /files/upload": form,
    "POST /files/upload, conversation named last": late,
    "POST /files/presign": () => api("POST", "/files/presign", { ...as, body: presignBody }),
    "GET /files/:id/upload": () => api("GET", `/files/${fileId}/upload`, as),
    "POST /files/:id/complete": () => api("POST", `/files/${fileId}/complete`, as),
    "GET /files/:id": () => api("GET", `/files/${fileId}`, as),
    "GET /files/:id/info": () => api("GET", `/files/${fileId}/info`, as),
    "GET /files/:id/download": () => api("GET", `/files/${fileId}/download`, as),
    "GET /files/:id/thumbnail/small": () => api("GET", `/files/${fileId}/thumbnail/small`, as),
    "GET /files/conversation/:id": () => api("GET", `/files/conversation/${id}`, as),
    "DELETE /files/:id": () => api("DELETE", `/files/${fileId}`, as),
  };
}

async function photograph(room: Room): Promise<UploadedFile> {
  return storedFile(room, { bytes: picture("photo-1.jpg"), name: "p.jpg", type: "image/jpeg" });
}

describe("whoever is no member", () => {
  test("gets 404 from every route, and the file is as it was", async () => {
    const room = await openRoom();
    const file = await photograph(room);
    for (const [route, call] of Object.entries(everyRoute(room, file, room.mallory))) {
      expect(refusalOf(await call()), route).toEqual(problem(404, "NOT_FOUND"));
    }
    expect((await get(`/files/${file.fileId}`, { token: room.bob })).status).toBe(200);
    const list = await api("GET", `/files/conversation/${room.conversation.id}`, {
      token: room.bob,
    });
    expect(list.data["files"]).toHaveLength(1);
  });

  test("cannot tell a file that exists from one that does not", async () => {
    const room = await openRoom();
    const { fileId } = await photograph(room);
    const texts = [];
    for (const id of [fileId, fileId.replace(/1$/, "9"), `${crypto.randomUUID()}.f1`]) {
      const answer = await api("GET", `/files/${id}`, { token: room.mallory });
      texts.push({
        status: answer.status,
        detail: answer.body["detail"],
        code: answer.body["code"],
      });
    }
    expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(1);
  });

  test("gets nothing by a member's URL once the member has left", async () => {
    const room = await openRoom();
    const { fileId } = await photograph(room);
    const info = await api("GET", `/files/${fileId}/info`, { token: room.bob });
    const url = String(info.data["url"]);
    expect((await get(url)).status).toBe(200);
    const bob = asMember(room.userIds.bob);
    valueOf(await room.conversation.rpc.change(bob, "leave", { type: "leave" }));
    expect((await answerOf(await get(url))).status).toBe(404);
  });
});

test("whoever has no token gets 401 from every route", async () => {
  const room = await openRoom();
  const file = await photograph(room);
  for (const [route, call] of Object.entries(everyRoute(room, file))) {
    expect(refusalOf(await call()), route).toEqual(problem(401, "INVALID_TOKEN"));
  }
});

describe("[FIL-7] a signed URL", () => {
  test("stands for its user on all ways to read, and on no other", async () => {
    const room = await openRoom();
    const file = await photograph(room);
    const { search } = new URL(file.url);
    for (const below of ["", "/download", "/thumbnail/small", "/thumbnail/64"]) {
      expect((await get(`/files/${file.fileId}${below}${search}`)).status).toBe(200);
    }
    for (const below of ["/info", "/upload"]) {
      const answer = await answerOf(await get(`/files/${file.fileId}${below}${search}`));
      expect(answer.status).toBe(401);
    }
    expect((await api("DELETE", `/files/${file.fileId}${search}`)).status).toBe(401);
  });

  test("is refused when anything of it was changed", async () => {
    const room = await openRoom();
    const [file, other] = [await photograph(room), await photograph(room)];
    const changed = (change: (url: URL) => void) => {
      const url = new URL(file.url);
      change(url);
      return url.href;
    };
    const tampered = [
      changed((url) => url.searchParams.set("user", room.userIds.bob)),
      changed((url) => url.searchParams.set("expires", "9999999999")),
      changed((url) => url.searchParams.set("signature", `A${url.searchParams.get("signature")}`)),
      changed((url) => url.searchParams.set("signature", "")),
      changed((url) => url.searchParams.set("signature", "not base64!")),
      changed((url) => url.searchParams.delete("expires")),
      changed((url) => {
        url.pathname = `/files/${other.fileId}`;
      }),
    ];
    for (const url of tampered) {
      expect(refusalOf(await answerOf(await get(url))), url).toEqual(problem(401, "INVALID_TOKEN"));
    }
    expect((await get(file.url)).status).toBe(200);
  });

  test("expires", async () => {
    const room = await openRoom();
    const { fileId } = await photograph(room);
    const before = Date.now() - LIMITS.fileUrlSeconds * 1_000 - 1_000;
    const urls = new FileUrls(env.FILE_URL_SECRET ?? "", EDGE, () => before);
    const url = await urls.read(user(room.userIds.alice), valueOf(parseFileId(fileId)));
    expect(refusalOf(await answerOf(await get(url)))).toEqual(problem(401, "TOKEN_EXPIRED"));
  });

  test("for a part takes that part, of that length", async () => {
    const room = await openRoom();
    const plan = await presign(room, { size: 5 });
    const url = plan.url ?? "";
    expect((await put(url, "longer")).status).toBe(401);
    expect((await put(url.replace("/parts/1", "/parts/2"), "hello")).status).toBe(401);
    const forged = url.replace(
      /signature=(.)/,
      (_, first) => `signature=${first === "A" ? "B" : "A"}`,
    );
    expect((await put(forged, "hello")).status).toBe(401);
    expect((await put(url, "hello")).status).toBe(200);
    const read = await answerOf(await get(url.replace("/parts/1", "")));
    expect(refusalOf(read)).toEqual(problem(401, "INVALID_TOKEN"));
  });
});

describe("paths that try to leave", () => {
  test.each([
    "/files/..%2f..%2fetc%2fpasswd",
    "/files/%00",
    "/files/team.f1%00",
    "/files/team.f0",
    "/files/team.f-1",
    "/files/team%2Ff1.f1",
    "/files/x.f1/thumbnail/small",
  ])("%s names no file", async (path) => {
    const { alice } = await openRoom();
    const status = path.startsWith("/files/x.f1")
      ? problem(404, "NOT_FOUND")
      : problem(400, "INVALID_DATA");
    expect(refusalOf(await api("GET", path, { token: alice }))).toEqual(status);
  });

  test("a thumbnail's size is a size", async () => {
    const room = await openRoom();
    const { fileId } = await photograph(room);
    for (const size of ["0", "1025", "..%2foriginal", "huge", "-5"]) {
      const answer = await api("GET", `/files/${fileId}/thumbnail/${size}`, { token: room.alice });
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
    }
  });
});

describe("[FIL-11] what a browser could run", () => {
  test.each([
    ["page.html", "text/html", "<html><script>alert(1)</script></html>"],
    ["drawing.svg", "image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ["page.xhtml", "application/xhtml+xml", "<?xml version='1.0'?><html/>"],
    ["code.js", "text/javascript", "alert(1)"],
  ])("%s is only saved, under no name of its own, in a sandbox", async (name, type, bytes) => {
    const room = await openRoom();
    const file = await storedFile(room, { bytes, name, type });
    for (const url of [file.url, file.downloadUrl]) {
      const { headers } = await get(url);
      expect(headers.get("content-type")).toBe("application/octet-stream");
      expect(headers.get("content-disposition")).toBe(`attachment; filename=${name}`);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox$/);
    }
    const thumbnail = await answerOf(
      await get(`/files/${file.fileId}/thumbnail/small`, { token: room.bob }),
    );
    expect(refusalOf(thumbnail)).toEqual(problem(415, "UNSUPPORTED_TYPE"));
  });

  test("markup that says it is plain text is shown as plain text", async () => {
    const room = await openRoom();
    const { headers } = await get((await storedFile(room, { bytes: "<html>" })).url);
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

/** Alice's group, where Mallory came later, as the role says, and sees nothing from before. */
async function joinedLater(room: Room, role: "member" | "moderator"): Promise<void> {
  const { rpc } = room.conversation;
  const owner = asMember(room.userIds.alice);
  valueOf(await rpc.change(owner, "k1", { type: "configure", change: { history: "joined" } }));
  const userId = room.userIds.mallory;
  const people = [{ userId, name: "Mallory" }];
  valueOf(await rpc.change(owner, "k2", { type: "addMembers", people }));
  if (role === "member") return;
  valueOf(await rpc.change(owner, "k3", { type: "setRole", userId, role }));
}

test("[FIL-12] a moderator who joined later deletes no file that is out of his sight", async () => {
  const room = await openRoom();
  const old = await photograph(room);
  await joinedLater(room, "moderator");
  const later = await photograph(room);
  const remove = ({ fileId }: UploadedFile, token = room.mallory) =>
    api("DELETE", `/files/${fileId}`, { token });
  expect(refusalOf(await remove(old))).toEqual(problem(404, "NOT_FOUND"));
  expect((await get(`/files/${old.fileId}`, { token: room.bob })).status).toBe(200);
  expect((await remove(later)).status).toBe(200);
  // again, of one that is gone: as it was told when it was there
  expect((await remove(later)).status).toBe(200);
  expect((await remove(old, room.alice)).status).toBe(200);
  expect(refusalOf(await remove(old))).toEqual(problem(404, "NOT_FOUND"));
});

test("[FIL-12] whoever joined later gets no file into his sight by naming it", async () => {
  const room = await openRoom();
  const old = await photograph(room);
  await joinedLater(room, "moderator");
  const { id, rpc } = room.conversation;
  const as = { token: room.mallory };
  const body = { conversationId: id, content: "look", attachments: [old.fileId] };
  expect((await api("POST", "/messages", { ...as, body })).status).toBe(201);
  expect(refusalOf(await api("GET", `/files/${old.fileId}/info`, as))).toEqual(
    problem(404, "NOT_FOUND"),
  );
  const promote = {
    type: "setRole" as const,
    userId: room.userIds.mallory,
    role: "admin" as const,
  };
  valueOf(await rpc.change(asMember(room.userIds.alice), "k4", promote));
  const shown = { ...as, body: { avatarFileId: old.fileId } };
  expect(refusalOf(await api("PATCH", `/conversations/${id}`, shown))).toEqual(
    problem(400, "INVALID_DATA"),
  );
  const later = await photograph(room);
  const mine = { ...as, body: { avatarFileId: later.fileId } };
  expect((await api("PATCH", `/conversations/${id}`, mine)).status).toBe(200);
  // who sees it may show it to others
  const again = { ...body, content: "look here" };
  expect((await api("POST", "/messages", { token: room.bob, body: again })).status).toBe(201);
  expect((await api("GET", `/files/${old.fileId}/info`, as)).status).toBe(200);
});

test("[FIL-14] whoever joined later sees the picture of the group, and of a member's file not that it exists", async () => {
  const room = await openRoom();
  const [shown, hidden] = [await photograph(room), await photograph(room)];
  await joinedLater(room, "member");
  const as = { token: room.mallory };
  const show = (avatarFileId: string) =>
    api("PATCH", `/conversations/${room.conversation.id}`, {
      token: room.alice,
      body: { avatarFileId },
    });
  await show(shown.fileId);
  expect((await get(`/files/${shown.fileId}`, as)).status).toBe(200);
  expect((await get(`/files/${shown.fileId}/thumbnail/small`, as)).status).toBe(200);
  for (const call of [
    api("GET", `/files/${hidden.fileId}/info`, as),
    api("DELETE", `/files/${hidden.fileId}`, as),
  ]) {
    expect(refusalOf(await call)).toEqual(problem(404, "NOT_FOUND"));
  }
  expect(refusalOf(await api("DELETE", `/files/${shown.fileId}`, as))).toEqual(
    problem(403, "FORBIDDEN"),
  );
});

test("[FIL-12] whoever joined later sees the files of his time, his own, and those that are shown to him again", async () => {
  const room = await openRoom();
  const { rpc } = room.conversation;
  const owner = asMember(room.userIds.alice);
  const old = await photograph(room);
  const shownAgain = await photograph(room);
  await rpc.change(owner, "k1", { type: "configure", change: { history: "joined" } });
  const people = [{ userId: room.userIds.mallory, name: "Mallory" }];
  await rpc.change(owner, "k2", { type: "addMembers", people });
  const message = { type: "IMAGE" as const, content: "", attachments: [shownAgain.fileId] };
  valueOf(await rpc.append(owner, { sends: [{ clientMessageId: "k3", message }] }));
  const later = await photograph(room);
  const as = { token: room.mallory };
  for (const [route, call] of Object.entries(everyRoute(room, old, room.mallory))) {
    if (!route.startsWith("GET /files/:id")) continue;
    expect(refusalOf(await call()), route).toEqual(problem(404, "NOT_FOUND"));
  }
  expect((await get(`/files/${shownAgain.fileId}`, as)).status).toBe(200);
  expect((await get(`/files/${later.fileId}`, as)).status).toBe(200);
  const list = await api("GET", `/files/conversation/${room.conversation.id}`, as);
  expect(list.data["files"]).toMatchObject([
    { fileId: later.fileId },
    { fileId: shownAgain.fileId },
  ]);
  expect((await get(`/files/${old.fileId}`, { token: room.bob })).status).toBe(200);
});
