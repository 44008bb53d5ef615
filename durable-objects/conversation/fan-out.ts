import type { TargetedFrame } from "../../edge/rpc/gateway-rpc.ts";
import type { Session } from "../session.ts";

/** A committed group on its way to the readers. */
export interface CommittedGroup {
  /** The new events as JSON, consecutive from `firstSeq`. */
  events: readonly string[];
  firstSeq: number;
  /** Acks as JSON, for the direct sessions that wait for them. */
  acks: ReadonlyMap<Session, readonly string[]>;
}

/**
 * One way out of a conversation. There are two: the sockets here, and Gateways that carry it to theirs. Both take a
 * group in the turn of its commit, and neither makes the conversation wait.
 */
export interface FanOutEnd {
  group(group: CommittedGroup): void;
  /** Receipts, typing, presence: never stored, and only what is newest counts. */
  frame(frame: TargetedFrame): void;
}
