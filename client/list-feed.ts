import * as v from "valibot";
import { PING_TEXT } from "../protocol/client-frames.ts";
import { CLOSE_CODES, isReconnectable } from "../protocol/close-codes.ts";
import { SUBPROTOCOL } from "../protocol/version.ts";
import type { SessionPorts } from "./conversation-session.ts";
import { Emitter } from "./emitter.ts";
import { ParleyError, RefusedError } from "./errors.ts";
import {
  GIVEN_UP,
  NORMAL_CLOSURE,
  PING_EVERY_MS,
  PONG_WITHIN_MS,
  READY_WITHIN_MS,
} from "./keep-alive.ts";
import { closeRefusal, reconnectMs } from "./reconnect.ts";
import { conversationSchema, type ConversationSummary } from "./rest-answers.ts";
import type { Transport } from "./transport.ts";

export interface ListFeedEvents {
  /** Connected, or connected again: changes from now on are told, so read the list once. */
  open: undefined;
  /** A conversation as the list shows it now. */
  entry: ConversationSummary;
  /** The user does not belong to this conversation any more. */
  removed: string;
  /** The server will not have this user here any more. */
  ended: ParleyError;
}

/** What a list entry's frame has to have; of other frames nothing is read. */
const frameSchema = v.object({
  type: v.literal("entry"),
  entry: v.union([
    v.object({ conversationId: v.string(), removed: v.literal(true) }),
    conversationSchema,
  ]),
});

/** The user's conversation list as it changes, over any number of sockets. Rule MUX-5. */
export class ListFeed {
  readonly #url: string;
  readonly #ports: Omit<SessionPorts, "randomId">;
  readonly #emitter = new Emitter<ListFeedEvents>();
  #state: "idle" | "dialing" | "open" | "waiting" | "closed" = "idle";
  #transport: Transport | undefined;
  /** Number of the newest dial; whatever an older one reports is ignored. */
  #dials = 0;
  /** Cuts since a socket last proved useful. */
  #attempt = 0;
  #needsFreshToken = false;

  constructor(url: string, ports: Omit<SessionPorts, "randomId">) {
    this.#url = url;
    this.#ports = ports;
  }

  /** Connects and stays connected until `close`. */
  open(): void {
    if (this.#state === "idle") this.#dial();
  }

  close(): void {
    this.#leave("closed");
    this.#transport?.close(NORMAL_CLOSURE, "");
  }

  /** The network may be back, or gone unnoticed. */
  wake(): void {
    if (this.#state === "waiting") this.#dial();
    else if (this.#state === "open") this.#ping();
  }

  /** Returns the way to stop listening. */
  on<Name extends keyof ListFeedEvents>(
    name: Name,
    listener: (value: ListFeedEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  #dial(): void {
    this.#leave("dialing");
    const dial = ++this.#dials;
    this.#ports.timers.start("deadline", READY_WITHIN_MS, () => this.#giveUp());
    void this.#connect(dial); // reports every failure itself
  }

  async #connect(dial: number): Promise<void> {
    const isPresent = () => dial === this.#dials && this.#state !== "closed";
    try {
      const token = await this.#ports.token(this.#needsFreshToken);
      if (!isPresent()) return;
      this.#transport = this.#ports.dial(this.#url, [SUBPROTOCOL, `bearer.${token}`], {
        opened: () => isPresent() && this.#opened(),
        text: (text) => isPresent() && this.#read(text),
        lost: (code, reason) => isPresent() && this.#lost(code, reason),
      });
    } catch (error) {
      if (!isPresent()) return;
      if (error instanceof ParleyError && !error.shouldRetry()) this.#end(error);
      else this.#wait();
    }
  }

  #opened(): void {
    this.#leave("open");
    this.#ping();
    this.#emitter.emit("open", undefined);
  }

  #read(text: string): void {
    this.#ports.timers.stop("pong");
    this.#attempt = 0;
    this.#needsFreshToken = false;
    for (const frame of framesIn(text)) {
      const parsed = v.safeParse(frameSchema, frame);
      if (!parsed.success) continue;
      const { entry } = parsed.output;
      if ("removed" in entry) this.#emitter.emit("removed", entry.conversationId);
      else this.#emitter.emit("entry", entry);
    }
  }

  #lost(code: number, reason: string): void {
    if (!isReconnectable(code)) return this.#end(new RefusedError(closeRefusal(code, reason)));
    this.#needsFreshToken ||= code === CLOSE_CODES.tokenExpired;
    this.#wait();
  }

  #ping(): void {
    const { timers } = this.#ports;
    this.#transport?.send(PING_TEXT);
    timers.start("pong", PONG_WITHIN_MS, () => this.#giveUp());
    timers.start("ping", PING_EVERY_MS, () => this.#ping());
  }

  #giveUp(): void {
    this.#transport?.close(GIVEN_UP, "silent");
    this.#wait();
  }

  #wait(): void {
    this.#dials++;
    this.#leave("waiting");
    const ms = reconnectMs(this.#attempt++, 0, this.#ports.random());
    this.#ports.timers.start("reconnect", ms, () => this.#dial());
  }

  #end(why: ParleyError): void {
    this.#leave("closed");
    this.#emitter.emit("ended", why);
  }

  #leave(next: "dialing" | "open" | "waiting" | "closed"): void {
    for (const timer of ["deadline", "ping", "pong", "reconnect"] as const) {
      this.#ports.timers.stop(timer);
    }
    this.#state = next;
  }
}

function framesIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return []; // nothing that this reads
  }
}
