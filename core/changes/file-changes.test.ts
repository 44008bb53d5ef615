import { describe, expect, test } from "vitest";
import { asMember, pending, wanted } from "../../tests/support/changes.ts";
import { MemoryConversation } from "../../tests/support/memory-conversation.ts";
import type { FileRecord, FileState } from "../files/file-record.ts";
import type { OtherChange } from "./change.ts";

const CONTENT = { mimeType: "image/png", size: 7, etag: "e", details: {} };

function file(
  conversation: MemoryConversation,
  n: number,
  state: FileState = "stored",
  mimeType = CONTENT.mimeType,
): string {
  const { conversationId } = conversation.charter;
  const record: FileRecord = {
    conversationId,
    n,
    state,
    uploaderId: "di",
    name: "a.png",
    ...CONTENT,
    mimeType,
    createdAt: 0,
    storedAt: null,
  };
  conversation.files.set(n, record);
  return `${conversationId}.f${n}`;
}

function group(options: ConstructorParameters<typeof MemoryConversation>[1] = {}) {
  const roles = { ada: "owner", cy: "moderator", di: "member", ed: "member" } as const;
  return new MemoryConversation(roles, options);
}

function say(conversation: MemoryConversation, attachments: string[]): void {
  const body = JSON.stringify({ type: "FILE", content: "", attachments });
  conversation.append([pending(asMember("di"), { type: "message", body, mentions: null })], 1);
}

/** The events that a change becomes, or the code of its refusal. */
function attempt(conversation: MemoryConversation, userId: string, change: OtherChange) {
  const { rows, outcomes } = conversation.append([wanted(userId, change)], 2_000);
  const [outcome] = outcomes;
  if (outcome?.ok === false) return outcome.error.code;
  return rows.map(({ type, body }) => ({ type, ...JSON.parse(body) }));
}

describe("storing a file", () => {
  const store = { type: "storeFile", n: 1, content: CONTENT } as const;

  test("[FIL-13] is told without its name, once", () => {
    const conversation = group();
    const fileId = file(conversation, 1, "pending");
    expect(attempt(conversation, "di", store)).toEqual([
      { type: "fileUploaded", fileId, mimeType: "image/png", size: 7 },
    ]);
    expect(conversation.files.get(1)?.state).toBe("stored");
    expect(attempt(conversation, "di", store)).toEqual([]);
  });

  test("[FIL-13] is for its uploader, who has to be allowed to send", () => {
    const conversation = group();
    file(conversation, 1, "pending");
    expect(attempt(conversation, "ada", store)).toBe("NOT_FOUND");
    expect(attempt(conversation, "nobody", store)).toBe("NOT_FOUND");
    expect(attempt(conversation, "di", { ...store, n: 2 })).toBe("NOT_FOUND");
    for (const [settings, code] of [
      [{ send: "moderator" }, "FORBIDDEN"],
      [{ locked: true }, "LOCKED"],
    ] as const) {
      const closed = group({ settings });
      file(closed, 1, "pending");
      expect(attempt(closed, "di", store)).toBe(code);
    }
    file(conversation, 1, "deleted");
    expect(attempt(conversation, "di", store)).toBe("NOT_FOUND");
  });
});

describe("deleting a file", () => {
  const remove = { type: "deleteFile", n: 1 } as const;

  test("[FIL-13] names the messages that show it, newest first, and is told once", () => {
    const conversation = group();
    const fileId = file(conversation, 1);
    say(conversation, [fileId]);
    say(conversation, []);
    say(conversation, [fileId]);
    expect(attempt(conversation, "di", remove)).toEqual([
      { type: "fileDeleted", fileId, targets: [3, 1] },
    ]);
    expect(attempt(conversation, "di", remove)).toEqual([]);
  });

  test("[FIL-13] is for the uploader, moderators and the deployment's staff", () => {
    const by = (userId: string) => {
      const conversation = group();
      file(conversation, 1);
      return attempt(conversation, userId, remove);
    };
    expect(by("ed")).toBe("FORBIDDEN");
    expect(by("nobody")).toBe("NOT_FOUND");
    for (const userId of ["di", "cy", "ada"]) expect(by(userId)).toHaveLength(1);
    const conversation = group();
    file(conversation, 1);
    const actor = { userId: "staff", authority: "moderation" as const };
    expect(conversation.append([pending(actor, remove)], 2_000).rows).toHaveLength(1);
  });

  test.each(["pending", "purged"] as const)("[FIL-13] one that is %s is none", (state) => {
    const conversation = group();
    file(conversation, 1, state);
    expect(attempt(conversation, "di", remove)).toBe("NOT_FOUND");
  });

  test("[FIL-9] [FIL-13] erasing a message deletes what it alone names, with events of their own", () => {
    const conversation = group();
    const [mine, shared] = [file(conversation, 1), file(conversation, 2)];
    say(conversation, [mine, shared]);
    say(conversation, [shared]);
    expect(attempt(conversation, "di", { type: "delete", target: 1 })).toEqual([
      { type: "deleted", target: 1 },
      { type: "fileDeleted", fileId: mine, targets: [] },
    ]);
    expect(conversation.files.get(2)?.state).toBe("stored");
    expect(conversation.rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });
});

describe("the picture of a group", () => {
  const show = (avatarFileId: string | null): OtherChange => ({
    type: "configure",
    change: { avatarFileId },
  });

  test("[FIL-14] is a stored image of its own", () => {
    const conversation = group();
    const fileId = file(conversation, 1);
    expect(attempt(conversation, "ada", show(fileId))).toMatchObject([{ type: "settings" }]);
    for (const wrong of ["team-1.f9", "team-2.f1", "https://example.org/x.png", ""]) {
      expect(attempt(conversation, "ada", show(wrong)), wrong).toBe("INVALID_DATA");
    }
    for (const state of ["pending", "deleted", "purged"] as const) {
      const other = file(conversation, 2, state);
      expect(attempt(conversation, "ada", show(other)), state).toBe("INVALID_DATA");
    }
    const document = file(conversation, 3, "stored", "application/pdf");
    expect(attempt(conversation, "ada", show(document))).toBe("INVALID_DATA");
  });

  test("[FIL-14] that another one replaces is deleted, unless a message names it", () => {
    const conversation = group();
    const [one, two, three] = [1, 2, 3].map((n) => file(conversation, n));
    say(conversation, [String(two)]);
    attempt(conversation, "ada", show(String(one)));
    expect(attempt(conversation, "ada", show(String(two)))).toEqual([
      { type: "settings", settings: { avatarFileId: two } },
      { type: "fileDeleted", fileId: one, targets: [] },
    ]);
    expect(attempt(conversation, "ada", show(String(three)))).toHaveLength(1);
    expect(attempt(conversation, "ada", show(null))).toEqual([
      { type: "settings", settings: { avatarFileId: null } },
      { type: "fileDeleted", fileId: three, targets: [] },
    ]);
  });

  test("[FIL-14] outlives the message that named it, and leaves no trace when it is deleted itself", () => {
    const conversation = group();
    const fileId = file(conversation, 1);
    say(conversation, [fileId]);
    attempt(conversation, "ada", show(fileId));
    expect(attempt(conversation, "di", { type: "delete", target: 1 })).toHaveLength(1);
    expect(conversation.files.get(1)?.state).toBe("stored");
    expect(attempt(conversation, "di", { type: "deleteFile", n: 1 })).toEqual([
      { type: "fileDeleted", fileId, targets: [] },
      { type: "settings", settings: { avatarFileId: null } },
    ]);
    expect(conversation.profile.avatarFileId).toBeNull();
  });
});

describe("files of somebody whose messages are erased", () => {
  test("[CHG-7] [FIL-9] go when nothing else names them, also where two of the messages do", () => {
    const conversation = group();
    const [once, twice, others, picture] = [1, 2, 3, 4].map((n) => file(conversation, n));
    say(conversation, [String(once), String(twice)]);
    say(conversation, [String(twice), String(others), String(picture)]);
    const body = JSON.stringify({ type: "FILE", content: "", attachments: [others] });
    conversation.append([pending(asMember("ed"), { type: "message", body, mentions: null })], 1);
    const show = { type: "configure", change: { avatarFileId: picture ?? null } } as const;
    attempt(conversation, "ada", show);
    expect(attempt(conversation, "cy", { type: "erase", userId: "di", targets: [2, 1] })).toEqual([
      { type: "erased", userId: "di", targets: [2, 1] },
      { type: "fileDeleted", fileId: once, targets: [] },
      { type: "fileDeleted", fileId: twice, targets: [] },
    ]);
    expect([...conversation.files.values()].map(({ state }) => state)).toEqual([
      "deleted",
      "deleted",
      "stored",
      "stored",
    ]);
  });
});
