import * as v from "valibot";
import { userIdSchema } from "../../protocol/id-schemas.ts";
import {
  idText,
  INGEST_CALLS,
  userNoticeSchema,
  type RecordPlace,
  type UserNotice,
} from "../../protocol/ingest.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { readInboundValue } from "./inbound-value.ts";

const eventId = v.nullish(idText);
const { title, body, data } = userNoticeSchema.entries.notice.entries;

/** Both spellings of each field. */
export const noticeRecordSchema = v.object({
  eventId,
  event_id: eventId,
  userId: v.nullish(userIdSchema),
  user_id: v.nullish(userIdSchema),
  userIds: v.nullish(v.array(userIdSchema)),
  user_ids: v.nullish(v.array(userIdSchema)),
  title,
  body: v.nullish(body, ""),
  data: v.nullish(data, {}),
});

/** Reads a record of the topic of notifications: in parts where many are told. Rule ING-4. */
export function readUserNotices(value: string): Result<UserNotice[], string> {
  const read = readInboundValue(noticeRecordSchema, value);
  if (!read.ok) return read;
  const { title, body, data, ...record } = read.value;
  const one = record.userId ?? record.user_id ?? null;
  const many = record.userIds ?? record.user_ids ?? [];
  const told = [...new Set(one === null ? many : [one, ...many])];
  if (told.length === 0) return fail("userId and userIds are missing");
  const parts = Array.from({ length: Math.ceil(told.length / INGEST_CALLS) }, (_, part) =>
    told.slice(part * INGEST_CALLS, (part + 1) * INGEST_CALLS),
  );
  return ok(
    parts.map((userIds) => ({
      type: "userNotice",
      eventId: record.eventId ?? record.event_id ?? null,
      userIds,
      notice: { title, body, data },
    })),
  );
}

/** The id under which a user is told once, however often the record comes. Up to 300 characters. Rule ING-4. */
export function noticeName(
  { eventId }: UserNotice,
  { topic, partition, offset }: RecordPlace,
): string {
  return eventId === null ? `record:${topic}-${partition}-${offset}` : `event:${eventId}`;
}
