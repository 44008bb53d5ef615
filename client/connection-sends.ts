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
