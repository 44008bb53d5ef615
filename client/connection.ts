import { PING_TEXT, type ClientFrameInput } from "../protocol/client-frames.ts";
import { CLOSE_CODES, isReconnectable } from "../protocol/close-codes.ts";
import { decodeServerText } from "../protocol/frame-codec.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { applyFrame } from "./connection-frames.ts";
import { flush, giveReceipt, say, takeReceipt, takeSend } from "./connection-sends.ts";
import {
  stay,
  type Connection,
  type Effect,
  type Input,
  type Timer,
  type Transition,
} from "./connection-state.ts";
import type { Refused } from "./errors.ts";
import {
  GIVEN_UP,
  NORMAL_CLOSURE,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  READY_WITHIN_MS,
} from "./keep-alive.ts";
import { noneSent } from "./outgoing-queue.ts";
import { closeRefusal, reconnectMs } from "./reconnect.ts";

const LINK_TIMERS: readonly Timer[] = ["deadline", "ping", "pong", "resend", "receipt", "page"];
const ALL_TIMERS: readonly Timer[] = [...LINK_TIMERS, "reconnect"];

/**
 * The whole behaviour of a conversation's connection: dial, greet, resume, resend, keep alive, back off.
 * Performs nothing; the shell feeds it what happened and does what it answers. `random` is in [0, 1).
 */
export function step(connection: Connection, input: Input, random: number): Transition {
  switch (input.type) {
    case "open":
      return connection.phase.state === "idle" ? dial(connection) : stay(connection);
    case "close":
      return close(connection);
    case "send":
      return takeSend(connection, input);
    case "receipt":
      return takeReceipt(connection, input);
    case "typing":
      return say(connection, { type: "typing", active: input.active });
    case "flush":
      return flush(connection);
    case "wake":
      return wake(connection);
    case "timeout":
      return timeOut(connection, input.timer, random);
    case "opened":
    case "undialable":
    case "text":
    case "lost":
      return input.dial === connection.dial
        ? stepSocket(connection, input, random)
        : stay(connection);
  }
}

type SocketInput = Extract<Input, { dial: number }>;

function stepSocket(connection: Connection, input: SocketInput, random: number): Transition {
  if (!hasSocket(connection)) return stay(connection);
  switch (input.type) {
    case "opened":
      return connection.phase.state === "dialing" ? greet(connection) : stay(connection);
    case "undialable":
      return input.why.retryable ? wait(connection, random) : end(connection, input.why);
    case "text":
      return readText(connection, input.text, random);
    case "lost":
      return lose(connection, input.code, input.reason, random);
  }
}

function hasSocket({ phase }: Connection): boolean {
  return phase.state === "dialing" || phase.state === "greeting" || phase.state === "live";
}

function dial(connection: Connection): Transition {
  const next = connection.dial + 1;
  return {
    connection: { ...connection, phase: { state: "dialing" }, dial: next },
    effects: [
      { type: "stopTimers", timers: ALL_TIMERS },
      { type: "startTimer", timer: "deadline", ms: READY_WITHIN_MS },
      { type: "dial", dial: next, freshToken: connection.freshToken },
    ],
  };
}

function greet(connection: Connection): Transition {
  const { cursor, epoch, queue, receipt } = connection;
  const hello: ClientFrameInput = {
    type: "hello",
    version: PROTOCOL_VERSION,
    cursor,
    ...(epoch === undefined ? {} : { epoch }),
    pending: queue.map((send) => send.clientMessageId),
    ...(receipt.delivered === 0 ? {} : { receipt }),
  };
  return {
    connection: {
      ...connection,
      phase: { state: "greeting" },
      queue: noneSent(queue),
      isPaging: false,
    },
    effects: [{ type: "transmit", text: JSON.stringify(hello) }],
  };
}

function readText(connection: Connection, text: string, random: number): Transition {
  const decoded = decodeServerText(text);
  if (!decoded.ok) return giveUp(connection, "not a text of the protocol", random);
  const effects: Effect[] = [{ type: "stopTimers", timers: ["pong"] }];
  let now = connection;
  for (const frame of decoded.value) {
    const applied = applyFrame(now, frame, random);
    now = applied.connection;
    effects.push(...applied.effects);
    if (applied.broken !== undefined) {
      const ended = giveUp(now, applied.broken, random);
      return { connection: ended.connection, effects: [...effects, ...ended.effects] };
    }
  }
  if (now.phase.state === "live" && connection.phase.state !== "live") {
    effects.push(
      { type: "stopTimers", timers: ["deadline"] },
      { type: "startTimer", timer: "ping", ms: PING_EVERY_MS },
    );
    const flushed = flush(now);
    return { connection: flushed.connection, effects: [...effects, ...flushed.effects] };
  }
  return { connection: now, effects };
}

function wake(connection: Connection): Transition {
  switch (connection.phase.state) {
    case "waiting":
      return dial(connection);
    case "live":
      return ping(connection);
    default:
      return stay(connection);
  }
}

function ping(connection: Connection): Transition {
  return {
    connection,
    effects: [
      { type: "transmit", text: PING_TEXT },
      { type: "startTimer", timer: "pong", ms: PONG_WITHIN_MS },
      { type: "startTimer", timer: "ping", ms: PING_EVERY_MS },
    ],
  };
}

function timeOut(connection: Connection, timer: Timer, random: number): Transition {
  const { phase } = connection;
  switch (timer) {
    case "deadline":
      return phase.state === "dialing" || phase.state === "greeting"
        ? giveUp(connection, "no welcome in time", random)
        : stay(connection);
    case "ping":
      return phase.state === "live" ? ping({ ...connection, attempt: 0 }) : stay(connection);
    case "pong":
      return phase.state === "live"
        ? giveUp(connection, "no pong in time", random)
        : stay(connection);
    case "reconnect":
      return phase.state === "waiting" ? dial(connection) : stay(connection);
    case "receipt":
      return giveReceipt(connection);
    case "page":
      return connection.isPaging ? say(connection, { type: "next" }) : stay(connection);
    case "resend":
      return phase.state === "live"
        ? flush({ ...connection, phase: { state: "live", holding: false } })
        : stay(connection);
  }
}

function lose(connection: Connection, code: number, reason: string, random: number): Transition {
  if (!isReconnectable(code)) return end(connection, closeRefusal(code, reason));
  const freshToken = code === CLOSE_CODES.tokenExpired;
  return wait({ ...connection, freshToken: connection.freshToken || freshToken }, random);
}

/** Ends the present socket from this side and comes back later. */
function giveUp(connection: Connection, reason: string, random: number): Transition {
  const waiting = wait(connection, random);
  return {
    connection: waiting.connection,
    effects: [{ type: "hangUp", code: GIVEN_UP, reason }, ...waiting.effects],
  };
}

function wait(connection: Connection, random: number): Transition {
  const ms = reconnectMs(connection.attempt, connection.floorMs, random);
  return {
    connection: {
      ...connection,
      phase: { state: "waiting" },
      receiptPlanned: false,
      attempt: connection.attempt + 1,
      floorMs: 0,
    },
    effects: [
      { type: "stopTimers", timers: LINK_TIMERS },
      { type: "startTimer", timer: "reconnect", ms },
    ],
  };
}

function close(connection: Connection): Transition {
  const ended = end(connection, undefined);
  if (!hasSocket(connection)) return ended;
  const hangUp: Effect = { type: "hangUp", code: NORMAL_CLOSURE, reason: "" };
  return { connection: ended.connection, effects: [hangUp, ...ended.effects] };
}

/** For good: because the caller wants it (`why` is undefined), or because the server will never take this session. */
function end(connection: Connection, why: Refused | undefined): Transition {
  if (connection.phase.state === "closed") return stay(connection);
  const effects: Effect[] = [{ type: "stopTimers", timers: ALL_TIMERS }];
  for (const { clientMessageId } of connection.queue) {
    effects.push({ type: "failed", clientMessageId, failure: { type: "closed", why } });
  }
  if (why !== undefined) effects.push({ type: "report", why });
  return { connection: { ...connection, phase: { state: "closed", why }, queue: [] }, effects };
}
