import { eventName, quoteNotice } from "../../core/bridging/quote-event.ts";
import type { ErrorCode, Refusal } from "../../protocol/error-codes.ts";
import {
  directConversationId,
  parseConversationId,
  parseUserId,
  SYSTEM_NOTIFICATION,
  type ConversationId,
  type UserId,
} from "../../protocol/ids.ts";
import type { IngestOutcome, IngestRecord, QuoteAccepted } from "../../protocol/ingest.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { ok, type Result } from "../../protocol/result.ts";
import { hashText } from "../../edge/auth/hash-text.ts";
import type { Config } from "../../edge/config.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import { namedPeople } from "../../edge/calls/directory.ts";
import type { Env } from "../../edge/env.ts";
import { foundDirect } from "../../edge/calls/founding.ts";

/** Refusals that time does not mend: the record goes to the dead letters. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "NOT_FOUND",
  "INVALID_DATA",
  "MISSING_DATA",
  "TOO_LARGE",
  "FORBIDDEN",
]);

/**
 * Puts the notice of an accepted quote into the two people's conversation, once per event however often it comes. The
 * conversation is founded if they never talked. Throws when it should be tried again. Rules ING-2 and ING-3.
 */
export async function applyQuote(
  env: Env,
  config: Config,
  { place, traceparent }: IngestRecord,
  event: QuoteAccepted,
): Promise<IngestOutcome> {
  const [client, professional] = [parseUserId(event.clientId), parseUserId(event.professionalId)];
  if (!client.ok || !professional.ok) return refused("clientId or professionalId is no user id");
  if (client.value === professional.value) return refused("client and professional are one person");
  const found = await conversationOf(
    env,
    config,
    event.conversationId,
    client.value,
    professional.value,
  );
  if (!found.ok) return refusedFor(found.error);
  const clientMessageId = await keyOf(eventName(event, place));
  const actor = { userId: SYSTEM_NOTIFICATION, authority: "system" as const, traceparent };
  const appended = await callConversation(env, found.value, (conversation) =>
    conversation.append(actor, { sends: [{ clientMessageId, message: quoteNotice(event) }] }),
  );
  if (!appended.ok) return refusedFor(appended.error);
  return { state: appended.value[0]?.repeated === true ? "repeated" : "applied" };
}

/** The conversation that the event names, if both are in it; else the direct one of the two. */
async function conversationOf(
  env: Env,
  config: Config,
  named: string | null,
  client: UserId,
  professional: UserId,
): Promise<Result<ConversationId, Refusal>> {
  const direct = directConversationId(client, professional);
  const given = parseConversationId(named);
  if (given.ok && given.value !== direct) {
    const views = await Promise.all(
      [client, professional].map((userId) =>
        callConversation(env, given.value, (conversation) => conversation.view(userId)),
      ),
    );
    const missing = views.find((view) => !view.ok);
    return missing === undefined || missing.ok ? ok(given.value) : missing;
  }
  const people = await namedPeople(env, config, [client, professional]);
  if (!people.ok) return people;
  const [founder, other] = people.value;
  if (founder === undefined || other === undefined) throw new Error("two ids give two people");
  const founded = await foundDirect(env, founder, other);
  return founded.ok ? ok(direct) : founded;
}

function refusedFor({ code, message }: Refusal): IngestOutcome {
  if (!FINAL.has(code)) throw new Error(`${code}: ${message}`);
  return refused(`${code}: ${message}`);
}

function refused(reason: string): IngestOutcome {
  return { state: "refused", reason };
}

/** A key is at most 128 characters; a longer name is told by its digest. */
async function keyOf(name: string): Promise<string> {
  if (name.length <= LIMITS.clientMessageIdChars) return name;
  return `quote:sha256:${await hashText(name)}`;
}
