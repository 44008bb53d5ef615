import * as v from "valibot";
import { idText, type QuoteAccepted, type RecordPlace } from "../../protocol/ingest.ts";
import type { MessageBody } from "../../protocol/message.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { readInboundValue } from "./inbound-value.ts";

const optionalText = v.nullish(idText);

/** Both spellings of each field, as quote-svc and its older versions write them. */
export const quoteRecordSchema = v.object({
  eventType: optionalText,
  event_type: optionalText,
  eventId: optionalText,
  event_id: optionalText,
  quoteId: optionalText,
  quote_id: optionalText,
  clientId: optionalText,
  client_id: optionalText,
  professionalId: optionalText,
  professional_id: optionalText,
  conversationId: optionalText,
  conversation_id: optionalText,
  amount: v.nullish(v.union([v.number(), idText])),
  acceptedAt: optionalText,
  accepted_at: optionalText,
});

/** What a record of the topic of quotes comes to. */
export type QuoteRecord = { type: "accepted"; event: QuoteAccepted } | { type: "other" };

/** Reads a record's value. The failure is a sentence for the dead letter. Rule ING-1. */
export function readQuoteRecord(value: string): Result<QuoteRecord, string> {
  const read = readInboundValue(quoteRecordSchema, value);
  if (!read.ok) return read;
  const record = read.value;
  const eventType = record.eventType ?? record.event_type ?? null;
  if (eventType === null) return fail("eventType is missing");
  if (eventType !== "QUOTE_ACCEPTED") return ok({ type: "other" });
  const quoteId = record.quoteId ?? record.quote_id ?? null;
  const clientId = record.clientId ?? record.client_id ?? null;
  const professionalId = record.professionalId ?? record.professional_id ?? null;
  if (quoteId === null) return fail("quoteId is missing");
  if (clientId === null) return fail("clientId is missing");
  if (professionalId === null) return fail("professionalId is missing");
  const event: QuoteAccepted = {
    type: "quoteAccepted",
    eventId: record.eventId ?? record.event_id ?? null,
    quoteId,
    clientId,
    professionalId,
    conversationId: record.conversationId ?? record.conversation_id ?? null,
    amount: record.amount ?? null,
    acceptedAt: record.acceptedAt ?? record.accepted_at ?? null,
  };
  return ok({ type: "accepted", event });
}

/** Under this name the notice is sent: the same however often the event comes. Up to 280 characters. Rule ING-2. */
export function eventName(
  { eventId }: QuoteAccepted,
  { topic, partition, offset }: RecordPlace,
): string {
  return `quote:${eventId ?? `${topic}-${partition}-${offset}`}`;
}

/** What both people read. */
export function quoteNotice({
  quoteId,
  amount,
  acceptedAt,
  clientId,
  professionalId,
}: QuoteAccepted): MessageBody {
  const sum = amount === null ? "" : ` (${amount})`;
  return {
    type: "SYSTEM",
    content: `Quote ${quoteId} was accepted${sum}.`,
    metadata: {
      event: "QUOTE_ACCEPTED",
      quoteId,
      clientId,
      professionalId,
      ...(amount === null ? {} : { amount }),
      ...(acceptedAt === null ? {} : { acceptedAt }),
    },
  };
}
