import { expect, test } from "vitest";
import { parseConversationId } from "../../protocol/ids.ts";
import { cloudEventHeaders } from "./cloud-event.ts";
import { eventValue } from "./event-value.ts";

const parsed = parseConversationId("team");
if (!parsed.ok) throw new Error("a fixture does not parse");
const id = parsed.value;
const asText = (at: number) => `t${at}`;

test("[FIL-13] a file is uploaded and deleted, each a record with an id of its own", () => {
  const base = { at: 5, senderId: "ada", fileId: "team.f1" };
  const uploaded = {
    ...base,
    type: "fileUploaded" as const,
    seq: 3,
    mimeType: "image/png",
    size: 7,
  };
  const common = {
    conversationId: id,
    conversation_id: id,
    senderId: "ada",
    fileId: "team.f1",
    timestamp: "t5",
  };
  expect(eventValue(id, uploaded, asText)).toEqual({
    ...common,
    eventType: "FILE_UPLOADED",
    seq: 3,
    uploadedBy: "ada",
    mimeType: "image/png",
    size: 7,
    uploadedAt: "t5",
  });
  const deleted = { ...base, type: "fileDeleted" as const, seq: 4, targets: [2, 1] };
  expect(eventValue(id, deleted, asText)).toEqual({
    ...common,
    eventType: "FILE_DELETED",
    seq: 4,
    deletedBy: "ada",
    status: "DELETED",
    messageIds: ["team.2", "team.1"],
    deletedAt: "t5",
  });
  expect(cloudEventHeaders(id, uploaded, asText)).toMatchObject({
    ce_id: "team.3",
    ce_type: "parley.file.uploaded",
  });
  expect(cloudEventHeaders(id, deleted, asText)).toMatchObject({ ce_type: "parley.file.deleted" });
});
