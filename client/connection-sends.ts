import type { ClientFrameInput } from "../protocol/client-frames.ts";
import { stay, type Connection, type Transition } from "./connection-state.ts";
import { packFrames } from "./frame-packing.ts";
import { allSent, enqueue, isFull, unsentFrames } from "./outgoing-queue.ts";

/** Everything queued leaves in as few texts as fit, unless the server asked to wait. */
export function flush(connection: Connection): Transition {
  const { phase, queue } = connection;
  if (phase.state !== "live" || phase.holding) return stay(connection);
  const texts = packFrames(unsentFrames(queue));
  if (texts.length === 0) return stay(connection);
  return {
    connection: { ...connection, queue: allSent(queue) },
    effects: texts.map((text) => ({ type: "transmit", text })),
  };
}

/** Queues a send, or says why not: the session is over, or `hello` could not list one more key. */
export function takeSend(
  connection: Connection,
  send: { clientMessageId: string; frame: string },
): Transition {
  const { phase, queue } = connection;
  const { clientMessageId } = send;
  if (phase.state === "closed") {
    const failure = { type: "closed", why: phase.why } as const;
    return { connection, effects: [{ type: "failed", clientMessageId, failure }] };
  }
  if (isFull(queue)) {
    return {
      connection,
      effects: [{ type: "failed", clientMessageId, failure: { type: "queueFull" } }],
    };
  }
  return stay({ ...connection, queue: enqueue(queue, clientMessageId, send.frame) });
}

/** Receipts leave together, a moment after the first of them: a burst of messages is one receipt. Rule RCP-1. */
const RECEIPT_GATHER_MS = 200;

/** Notes how far the reader is; what moves nothing costs nothing. */
export function takeReceipt(
  connection: Connection,
  { delivered = 0, read = 0 }: { delivered?: number; read?: number },
): Transition {
  const before = connection.receipt;
  const receipt = {
    delivered: Math.max(before.delivered, delivered, read),
    read: Math.max(before.read, read),
  };
  if (receipt.delivered === before.delivered && receipt.read === before.read) {
    return stay(connection);
  }
  const now = { ...connection, receipt };
  // without a socket, the next hello carries it
  if (now.phase.state !== "live" || now.receiptPlanned) return stay(now);
  return {
    connection: { ...now, receiptPlanned: true },
    effects: [{ type: "startTimer", timer: "receipt", ms: RECEIPT_GATHER_MS }],
  };
}

export function giveReceipt(connection: Connection): Transition {
  const { receipt } = connection;
  return say({ ...connection, receiptPlanned: false }, { type: "receipt", ...receipt });
}

/** What is true now or not at all: without a live socket it is not said. */
export function say(connection: Connection, frame: ClientFrameInput): Transition {
  if (connection.phase.state !== "live") return stay(connection);
  return { connection, effects: [{ type: "transmit", text: JSON.stringify(frame) }] };
}
