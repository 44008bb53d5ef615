import { LIMITS } from "../protocol/limits.ts";

/** A send without an ack. `frame` is its JSON, the same for every attempt, so the server sees one key and one body. */
export interface OutgoingSend {
  clientMessageId: string;
  frame: string;
  /** Whether the present socket carries it already. */
  sent: boolean;
  /** How often the server asked to try it again later. */
  refusals: number;
}

/** Unacked sends in the order of their `send()` calls; at most `LIMITS.pendingKeys`, which is what `hello` may list. */
export type OutgoingQueue = readonly OutgoingSend[];

export function isFull(queue: OutgoingQueue): boolean {
  return queue.length >= LIMITS.pendingKeys;
}

export function enqueue(
  queue: OutgoingQueue,
  clientMessageId: string,
  frame: string,
): OutgoingQueue {
  return [...queue, { clientMessageId, frame, sent: false, refusals: 0 }];
}

export function find(queue: OutgoingQueue, clientMessageId: string): OutgoingSend | undefined {
  return queue.find((send) => send.clientMessageId === clientMessageId);
}

export function remove(queue: OutgoingQueue, clientMessageId: string): OutgoingQueue {
  return queue.filter((send) => send.clientMessageId !== clientMessageId);
}

/** What the socket has yet to carry, in order. */
export function unsentFrames(queue: OutgoingQueue): string[] {
  return queue.filter((send) => !send.sent).map((send) => send.frame);
}

export function allSent(queue: OutgoingQueue): OutgoingQueue {
  return queue.map((send) => (send.sent ? send : { ...send, sent: true }));
}

/** A new socket has carried nothing yet. */
export function noneSent(queue: OutgoingQueue): OutgoingQueue {
  return queue.map((send) => (send.sent ? { ...send, sent: false } : send));
}

/** The server wants this one again later. */
export function putBack(queue: OutgoingQueue, clientMessageId: string): OutgoingQueue {
  return queue.map((send) =>
    send.clientMessageId === clientMessageId
      ? { ...send, sent: false, refusals: send.refusals + 1 }
      : send,
  );
}
