import type {
  AckFrame,
  EventsFrame,
  ServerFrame,
  WelcomeFrame,
} from "../protocol/server-frames.ts";
import type { Connection, Effect } from "./connection-state.ts";
import type { Refused } from "./errors.ts";
import { find, putBack, remove } from "./outgoing-queue.ts";
import { resendMs } from "./reconnect.ts";
import { admit } from "./timeline.ts";

/** Times a send goes out again after "later": a message that always breaks the server must not hold up the rest. */
const MAX_REFUSALS = 8;

/** A frame's effects; `broken` names why the socket cannot be trusted any longer. */
interface Applied {
  connection: Connection;
  effects: Effect[];
  broken?: string;
}

/** Applies one frame of the server. Before the welcome only the welcome, errors and `bye` mean anything. Rule HEL-1. */
export function applyFrame(connection: Connection, frame: ServerFrame, random: number): Applied {
  switch (frame.type) {
    case "welcome":
      return applyWelcome(connection, frame);
    case "events":
      return applyEvents(connection, frame);
    case "ack":
      return applyAck(connection, frame);
    case "error":
      return applyError(connection, frame, random);
    case "bye":
      return { connection: { ...connection, floorMs: frame.retryAfterMs }, effects: [] };
    case "pong":
      return { connection, effects: [] };
    case "receipts":
    case "receiptCounts":
    case "typing":
    case "presence":
    case "hidden":
    case "joinRequests":
      return { connection, effects: [{ type: "tell", frame }] };
  }
}

/** The server says where reading starts: at the cursor that was asked for, further on, or all over again. Rule RES-4. */
function applyWelcome(connection: Connection, welcome: WelcomeFrame): Applied {
  if (connection.phase.state !== "greeting")
    return { connection, effects: [], broken: "a welcome nobody asked for" };
  const isOther = connection.epoch !== undefined && connection.epoch !== welcome.epoch;
  const isReset = isOther || welcome.from < connection.cursor;
  const effects: Effect[] = isReset ? [{ type: "reset" }] : [];
  effects.push({ type: "greeted", welcome });
  let now: Connection = {
    ...connection,
    phase: { state: "live", holding: false },
    cursor: welcome.from,
    epoch: welcome.epoch,
    floorMs: welcome.reconnectSlotMs,
    freshToken: false,
  };
  for (const fate of welcome.fates) {
    const stored = applyAck(now, { type: "ack", ...fate });
    now = stored.connection;
    effects.push(...stored.effects);
  }
  return { connection: now, effects };
}

function applyEvents(connection: Connection, { events, more }: EventsFrame): Applied {
  if (connection.phase.state !== "live")
    return { connection, effects: [], broken: "events before the welcome" };
  const { fresh, cursor, gap } = admit(connection.cursor, events);
  const effects: Effect[] = fresh.length === 0 ? [] : [{ type: "deliver", events: fresh }];
  const isPaging = more === true;
  const now =
    fresh.length === 0
      ? { ...connection, isPaging }
      : { ...connection, isPaging, cursor, attempt: 0 };
  if (gap) return { connection: now, effects, broken: "an event is missing" };
  if (isPaging) effects.push({ type: "transmit", text: NEXT_TEXT });
  return { connection: now, effects };
}

const NEXT_TEXT = JSON.stringify({ type: "next" });

function applyAck(connection: Connection, { clientMessageId, seq, at }: AckFrame): Applied {
  if (find(connection.queue, clientMessageId) === undefined) return { connection, effects: [] };
  return {
    connection: { ...connection, queue: remove(connection.queue, clientMessageId), attempt: 0 },
    effects: [{ type: "stored", clientMessageId, seq, at }],
  };
}

type AnyErrorFrame = Extract<ServerFrame, { type: "error" }>;

function applyError(connection: Connection, frame: AnyErrorFrame, random: number): Applied {
  const { code, message, retryable, retryAfterMs, clientMessageId } = frame;
  const why: Refused = { code, message, retryable, retryAfterMs };
  const send = clientMessageId === undefined ? undefined : find(connection.queue, clientMessageId);
  if (send === undefined) {
    const effects: Effect[] = [{ type: "report", why }];
    // it may be about a `typing`; a page more than was needed does no harm, and one that never comes would cost the events
    if (connection.isPaging && retryable && clientMessageId === undefined) {
      effects.push({
        type: "startTimer",
        timer: "page",
        ms: resendMs(0, retryAfterMs ?? 0, random),
      });
    }
    return { connection, effects };
  }
  if (retryable && send.refusals < MAX_REFUSALS && connection.phase.state === "live") {
    const ms = resendMs(send.refusals, retryAfterMs ?? 0, random);
    const queue = putBack(connection.queue, send.clientMessageId);
    return {
      connection: { ...connection, queue, phase: { state: "live", holding: true } },
      effects: [{ type: "startTimer", timer: "resend", ms }],
    };
  }
  return {
    connection: { ...connection, queue: remove(connection.queue, send.clientMessageId) },
    effects: [
      { type: "failed", clientMessageId: send.clientMessageId, failure: { type: "refused", why } },
    ],
  };
}
