import { SENDER_GATHER_MS } from "../../core/receipts/receipt-book.ts";
import { fileTimes } from "../../edge/files/file-settings.ts";
import { AdmissionDesk } from "./admission-desk.ts";
import { ConversationState } from "./conversation-state.ts";
import { ConversationViews } from "./conversation-views.ts";
import { Departures } from "./departures.ts";
import { DirectSockets } from "./direct-sockets.ts";
import type { ObjectEnv } from "../../edge/object-env.ts";
import { Erasures } from "./erasures.ts";
import { FilePurge } from "./file-purge.ts";
import { GatewayLinks } from "./followers/gateway-links.ts";
import { LogFollowers } from "./followers/log-followers.ts";
import { MemberFiles } from "./member-files.ts";
import { OwnSight } from "./own-sight.ts";
import { Presence } from "./presence.ts";
import { ReceiptFlow } from "./receipt-flow.ts";
import { Sending, type Committed } from "./sending.ts";
import { sessionRate } from "../session.ts";
import { SessionDoor } from "./session-door.ts";
import { SessionRegistry } from "./session-registry.ts";
import { Timetable } from "../storage/timetable.ts";

export type ConversationParts = ReturnType<typeof conversationParts>;

/** What one Conversation is made of when it wakes, and which part tells which. */
export function conversationParts(ctx: DurableObjectState, env: ObjectEnv) {
  const waitUntil = (promise: Promise<unknown>) => ctx.waitUntil(promise);
  const state = new ConversationState(ctx.storage, fileTimes(env));
  const views = new ConversationViews(state);
  const sessions = new SessionRegistry(ctx.getWebSockets(), (userId) => presence.left(userId));
  const gateways = new GatewayLinks(env, state);
  const ends = [new DirectSockets(sessions, state.members), gateways];
  const sending = new Sending(state, sessions, ends, committed);
  const erasures = new Erasures(state, sending, () => timetable);
  const departures = new Departures(sessions, gateways);
  const admission = new AdmissionDesk(state, [sessions, gateways], (frame) => sending.tell(frame));
  const files = new MemberFiles(ctx.storage, state, {
    change: (actor, key, change) => sending.change(actor, key, change),
    planPurge: (at) => timetable.within("files", at),
  });
  const receipts = new ReceiptFlow(state, ends, waitUntil, (userIds) =>
    followers.receiptsStored(userIds),
  );
  const presence = new Presence(state, sessions, gateways, ends, (userId) =>
    followers.touched(userId),
  );
  const followers = new LogFollowers({
    env,
    state,
    views,
    sessions,
    gateways,
    presence,
    expel: (userId) => departures.suspended(userId),
    plans: () => timetable,
    waitUntil,
  });
  const timetable = new Timetable(ctx.storage, state.sql, {
    outbox: () => followers.lookAfterOutbox(),
    announce: (now) => followers.announce(now),
    poke: (now) => followers.poke(now),
    staff: () => followers.tellStaff(),
    erase: (now) => erasures.run(now),
    files: (now) => new FilePurge(env, state.files).run(now),
  });
  const sight = new OwnSight(state, views, sending, followers);
  const door = new SessionDoor({
    state,
    views,
    sessions,
    sending,
    receipts,
    presence,
    rate: sessionRate(env),
    hide: (member, seq) => sight.hide(member, seq),
  });

  /** After a commit, in the same turn: who must know of it, and an alarm in the same write. */
  function committed({ rows, effects }: Committed): void {
    receipts.schedule(SENDER_GATHER_MS);
    departures.of(effects);
    const types = new Set(effects.map(({ type }) => type));
    if (types.has("closeRequest")) admission.tellWaiting();
    if (types.has("erase") || types.has("deleteFile")) files.plan();
    if (types.has("tellStaff")) followers.concernsStaff();
    followers.committed(rows);
  }

  return {
    state,
    views,
    sessions,
    gateways,
    sending,
    receipts,
    presence,
    door,
    admission,
    departures,
    files,
    erasures,
    followers,
    timetable,
    sight,
  };
}
