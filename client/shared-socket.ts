import { MAX_FOLLOWED } from "../core/chat/recovery-offset.ts";
import { PING_TEXT } from "../protocol/client-frames.ts";
import { isReconnectable } from "../protocol/close-codes.ts";
import type { ConversationId } from "../protocol/ids.ts";
import { LIMITS } from "../protocol/limits.ts";
import {
  decodeAddressedText,
  multiplexText,
  type AddressedFrame,
} from "../protocol/multiplex-frames.ts";
import { joinFrames } from "../protocol/frame-codec.ts";
import { CommonWait } from "./common-wait.ts";
import { ConversationLine } from "./conversation-line.ts";
import type { ConnectionPorts } from "./conversation-session.ts";
import { packFrames } from "./frame-packing.ts";
import { GIVEN_UP, NORMAL_CLOSURE, PONG_WITHIN_MS, READY_WITHIN_MS } from "./keep-alive.ts";
import type { Timers } from "./timers.ts";
import type { DialTransport, Transport, TransportEvents } from "./transport.ts";

export interface SharedSocketPorts {
  dial: DialTransport;
  token(fresh: boolean): Promise<string>;
  makeTimers(): Timers;
}

/** A list's feed on the socket: it has no address, and says nothing but pings. */
interface ListLine {
  conversationId: undefined;
  events: TransportEvents;
}

type Line = ConversationLine | ListLine;

/** Fewer than the server takes: what is left frees its place only when the server has read so. Rule MUX-3. */
const MAX_LINES = MAX_FOLLOWED - 100;

/** The server closes the socket for good after so many refusals, also when each is about another conversation. Rule LIM-10. */
const MAX_REFUSALS = LIMITS.refusedFrames / 2;

/**
 * One socket that carries many conversations and the list. To each it looks like a socket of its own: it is dialled when the
 * first of them dials and closed when the last one leaves, it is pinged once for all of them, and when it is lost they come
 * back together and resume each by itself. What the server refuses to one of them ends only that one. Rules MUX-1 to MUX-6.
 */
export class SharedSocket {
  readonly #url: string;
  readonly #ports: SharedSocketPorts;
  readonly #timers: Timers;
  readonly #pings: CommonWait;
  readonly #reconnects: CommonWait;
  readonly #lines = new Set<Line>();
  readonly #byId = new Map<string, ConversationLine>();
  #phase: "down" | "dialing" | "open" = "down";
  #transport: Transport | undefined;
  /** Number of the newest dial; whatever an older one reports is ignored. */
  #dials = 0;
  /** Lines there have been, for their marks. */
  #count = 0;
  #outgoing: string[] = [];
  #isPinged = false;
  #refusals = 0;

  constructor(url: string, ports: SharedSocketPorts) {
    this.#url = url;
    this.#ports = ports;
    this.#timers = ports.makeTimers();
    this.#pings = new CommonWait(this.#timers, "ping");
    this.#reconnects = new CommonWait(this.#timers, "reconnect");
  }

  /** For a session. While another one has the conversation here, or there is no room, it gets a socket of its own. */
  conversation(id: ConversationId): ConnectionPorts {
    const isElsewhere = () => this.#byId.has(id) || this.#byId.size >= MAX_LINES;
    return {
      timers: this.#sessionTimers(),
      // one that joins an open socket shows no token, so it needs no fresh one
      token: (fresh) => this.#ports.token(fresh && (this.#phase !== "open" || isElsewhere())),
      dial: (url, subprotocols, events) => {
        if (isElsewhere()) return this.#ports.dial(url, subprotocols, events);
        const line = new ConversationLine(id, `${++this.#count}`, events);
        this.#byId.set(id, line);
        return this.#join(line, subprotocols);
      },
    };
  }

  /** For the list's feed. */
  list(): ConnectionPorts {
    return {
      timers: this.#sessionTimers(),
      token: (fresh) => this.#ports.token(fresh && this.#phase !== "open"),
      dial: (_url, subprotocols, events) =>
        this.#join({ conversationId: undefined, events }, subprotocols),
    };
  }

  #join(line: Line, subprotocols: readonly string[]): Transport {
    this.#lines.add(line);
    if (this.#phase === "down") this.#dial(subprotocols);
    else if (this.#phase === "open") {
      queueMicrotask(() => this.#phase === "open" && this.#lines.has(line) && line.events.opened());
    }
    return {
      send: (text) => this.#send(line, text),
      close: () => this.#leave(line),
    };
  }

  #dial(subprotocols: readonly string[]): void {
    const dial = ++this.#dials;
    const isPresent = () => dial === this.#dials;
    this.#phase = "dialing";
    this.#refusals = 0;
    this.#timers.start("deadline", READY_WITHIN_MS, () => this.#drop("no socket in time"));
    try {
      this.#transport = this.#ports.dial(this.#url, subprotocols, {
        opened: () => isPresent() && this.#opened(),
        text: (text) => isPresent() && this.#read(text),
        lost: (code, reason) => isPresent() && this.#lost(code, reason),
      });
    } catch (error) {
      this.#hangUp(); // undialable; whoever dialled reports it
      throw error;
    }
  }

  #opened(): void {
    this.#timers.stop("deadline");
    this.#phase = "open";
    for (const { events } of new Set(this.#lines)) events.opened();
    this.#reconnects.end();
  }

  #send(line: Line, text: string): void {
    if (this.#phase !== "open" || !this.#lines.has(line)) return;
    if (text === PING_TEXT) this.#ping();
    else if (line.conversationId !== undefined) this.#say(line.address(text));
  }

  /** What is said in one turn leaves in as few texts as fit. */
  #say(frames: readonly string[]): void {
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush());
    this.#outgoing.push(...frames);
  }

  #flush(): void {
    const texts = packFrames(this.#outgoing);
    this.#outgoing = [];
    for (const text of texts) this.#transport?.send(text);
  }

  #ping(): void {
    if (this.#isPinged) return;
    this.#isPinged = true;
    this.#transport?.send(PING_TEXT);
    this.#timers.start("pong", PONG_WITHIN_MS, () => this.#drop("no pong in time"));
  }

  #read(text: string): void {
    this.#isPinged = false;
    this.#timers.stop("pong");
    const decoded = decodeAddressedText(text);
    if (!decoded.ok) return this.#drop("not a text of the protocol");
    const dial = this.#dials;
    for (const frames of runsOf(decoded.value)) {
      // what one of them does with it may end the socket
      if (dial === this.#dials) this.#deal(frames);
    }
  }

  /** Frames with one address, in their order; what has none is for everybody. */
  #deal(frames: readonly [AddressedFrame, ...AddressedFrame[]]): void {
    const [{ conversationId, type }] = frames;
    if (conversationId !== undefined && type !== "entry") {
      const line = this.#byId.get(conversationId);
      if (line !== undefined) this.#tell(line, frames);
      return;
    }
    const text = joinFrames(frames.map((frame) => JSON.stringify(frame)));
    for (const line of new Set(this.#lines)) {
      const isMeant = conversationId === undefined || line.conversationId === undefined;
      if (isMeant && this.#lines.has(line)) line.events.text(text);
    }
  }

  #tell(line: ConversationLine, frames: readonly AddressedFrame[]): void {
    const end = line.take(frames);
    if (end === undefined || !this.#lines.has(line)) return;
    this.#leave(line);
    line.events.lost(end.code, end.reason);
    if (end.isRefusal && !isReconnectable(end.code)) this.#countRefusal();
  }

  #countRefusal(): void {
    this.#refusals++;
    if (this.#refusals >= MAX_REFUSALS && this.#phase === "open") this.#drop("many refusals");
  }

  /** The line is over for its side. The last one takes the socket with it. */
  #leave(line: Line): void {
    if (!this.#lines.delete(line)) return;
    if (line.conversationId !== undefined) {
      this.#byId.delete(line.conversationId);
      if (line.hasGreeted) this.#say([multiplexText(line.conversationId, BYE_TEXT)]);
    }
    if (this.#lines.size > 0) return;
    this.#flush();
    const transport = this.#transport;
    this.#hangUp();
    transport?.close(NORMAL_CLOSURE, "");
  }

  /** Ends the present socket from this side; all come back. */
  #drop(reason: string): void {
    const transport = this.#transport;
    this.#lost(GIVEN_UP, reason);
    transport?.close(GIVEN_UP, reason);
  }

  #lost(code: number, reason: string): void {
    // conversations first: they know how long the server wants them to stay away, and the first one decides for all
    const lines = [...this.#byId.values(), ...this.#lines];
    this.#hangUp();
    for (const { events } of new Set(lines)) events.lost(code, reason);
  }

  /** Nobody is on this socket any more, and what it still says is ignored. */
  #hangUp(): void {
    this.#dials++;
    this.#phase = "down";
    this.#transport = undefined;
    this.#lines.clear();
    this.#byId.clear();
    this.#outgoing = [];
    this.#isPinged = false;
    this.#timers.stop("deadline");
    this.#timers.stop("pong");
  }

  /** A session's clock. Its pings, and its waits for a socket that is down, are those of all. */
  #sessionTimers(): Timers {
    const own = this.#ports.makeTimers();
    const stop: Timers["stop"] = (timer) => {
      own.stop(timer);
      if (timer === "ping") this.#pings.leave(own);
      if (timer === "reconnect") this.#reconnects.leave(own);
    };
    return {
      stop,
      start: (timer, ms, onTimeout) => {
        stop(timer);
        if (timer === "ping") this.#pings.join(own, ms, onTimeout);
        else if (timer !== "reconnect") own.start(timer, ms, onTimeout);
        else if (this.#phase !== "open") this.#reconnects.join(own, ms, onTimeout);
        else own.start(timer, ms, () => this.#reconnect(own, onTimeout));
      },
    };
  }

  /** One that was alone with its wait; should the socket be down by now, it waits on with the others. */
  #reconnect(who: object, onTimeout: () => void): void {
    if (this.#reconnects.isPending) this.#reconnects.join(who, 0, onTimeout);
    else onTimeout();
  }
}

const BYE_TEXT = JSON.stringify({ type: "bye" });

/** Neighbours with one address together; an entry is no word of its conversation, so it stands alone. */
function runsOf(frames: readonly AddressedFrame[]): [AddressedFrame, ...AddressedFrame[]][] {
  const runs: [AddressedFrame, ...AddressedFrame[]][] = [];
  for (const frame of frames) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    const isAlike = first?.conversationId === frame.conversationId && first?.type !== "entry";
    if (run !== undefined && isAlike && frame.type !== "entry") run.push(frame);
    else runs.push([frame]);
  }
  return runs;
}
