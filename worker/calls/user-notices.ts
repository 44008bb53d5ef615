import { noticeName } from "../../core/bridging/user-notice.ts";
import type { IngestOutcome, IngestRecord, UserNotice } from "../../protocol/ingest.ts";
import { hashText } from "../../edge/auth/hash-text.ts";
import type { Env } from "../../edge/env.ts";
import { callInbox } from "../../edge/calls/inbox-stub.ts";

/** As long as a notification's id may be. */
const ID_CHARS = 200;

/** Tells each of the users once, however often the record comes. Throws when it should be tried again. Rule ING-4. */
export async function applyNotice(
  env: Env,
  { place }: IngestRecord,
  event: UserNotice,
): Promise<IngestOutcome> {
  const notification = { id: await idOf(noticeName(event, place)), ...event.notice };
  const told = await Promise.all(
    event.userIds.map((userId) => callInbox(env, userId, (inbox) => inbox.notify(notification))),
  );
  return { state: told.every(({ repeated }) => repeated) ? "repeated" : "applied" };
}

/** A longer name is told by its digest. */
async function idOf(name: string): Promise<string> {
  return name.length <= ID_CHARS ? name : `sha256:${await hashText(name)}`;
}
