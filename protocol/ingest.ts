import * as v from "valibot";
import { userIdSchema } from "./id-schemas.ts";
import { notificationSchema } from "./notification.ts";
import { traceparentSchema } from "./trace-context.ts";

/** What the bridge brings in from an organisation's topics, over `POST /internal/ingest`. Rules ING-1 to ING-4. */

/** Where a record lies; with it a record that has no id of its own is told from every other. */
const placeSchema = v.object({
  topic: v.pipe(v.string(), v.minLength(1), v.maxLength(249)),
  partition: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** As Kafka's clients write it: it may be past what a number holds. */
  offset: v.pipe(v.string(), v.regex(/^[0-9]{1,19}$/)),
});
export type RecordPlace = v.InferOutput<typeof placeSchema>;

/** An id of another system's. */
export const idText = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** A quote that a client has accepted; the professional and the client are told in their conversation. */
const quoteAcceptedSchema = v.object({
  type: v.literal("quoteAccepted"),
  eventId: v.nullable(idText),
  quoteId: idText,
  clientId: idText,
  professionalId: idText,
  conversationId: v.nullable(v.string()),
  amount: v.nullable(v.union([v.number(), v.string()])),
  acceptedAt: v.nullable(v.string()),
});
export type QuoteAccepted = v.InferOutput<typeof quoteAcceptedSchema>;

/** Calls to objects that one request may cause: a worker may make only so many. */
export const INGEST_CALLS = 200;
/** Records of one request; a quote is some four calls. */
export const INGEST_MAX = 50;

/** Something that these users are told. A record for more of them comes as several events with the same id. */
export const userNoticeSchema = v.object({
  type: v.literal("userNotice"),
  eventId: v.nullable(idText),
  userIds: v.pipe(v.array(userIdSchema), v.minLength(1), v.maxLength(INGEST_CALLS)),
  notice: v.omit(notificationSchema, ["id"]),
});
export type UserNotice = v.InferOutput<typeof userNoticeSchema>;

const inboundEventSchema = v.variant("type", [quoteAcceptedSchema, userNoticeSchema]);
export type InboundEvent = v.InferOutput<typeof inboundEventSchema>;

export const ingestSchema = v.object({
  records: v.pipe(
    v.array(
      v.object({
        place: placeSchema,
        event: inboundEventSchema,
        /** Of the record's headers. */
        traceparent: traceparentSchema,
      }),
    ),
    v.minLength(1),
    v.maxLength(INGEST_MAX),
  ),
});
export type IngestRecord = v.InferOutput<typeof ingestSchema>["records"][number];

/** For each record, in order. `refused`: it can never be applied, and `reason` says why. */
export const ingestAnswerSchema = v.object({
  outcomes: v.array(
    v.variant("state", [
      v.object({ state: v.literal("applied") }),
      v.object({ state: v.literal("repeated") }),
      v.object({ state: v.literal("refused"), reason: v.string() }),
    ]),
  ),
});
export type IngestAnswer = v.InferOutput<typeof ingestAnswerSchema>;
export type IngestOutcome = IngestAnswer["outcomes"][number];
