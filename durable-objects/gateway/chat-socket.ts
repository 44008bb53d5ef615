import type { Frame } from "../../core/engine-io/packet.ts";
import type { EventBatch } from "../../core/chat/event-batch.ts";
import type { LiveFrame, SharedFrame } from "../../core/chat/live-frame.ts";
import { svcFlagged, svcMessage, svcTyping } from "../../core/chat/chat-svc.ts";
import {
  newMessage,
  renderEvent,
  renderPassing,
  renderStatus,
  type Emission,
  type RenderContext,
} from "../../core/chat/ngomna-render.ts";
import { NOTHING_FOLLOWED } from "../../core/chat/recovery-offset.ts";
import { FrameAllowance, type RateBounds } from "../../core/rate-limit.ts";
import { eventFrames } from "../../core/socket-io/packet.ts";
import { asMessage } from "../../core/system-message.ts";
import { isShown, type ReaderEvent, type ShownEvent } from "../../protocol/event.ts";
import type { ConversationId, UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import type { StoredNotification } from "../../protocol/notification.ts";
import type { IoSocket } from "../socket-io/io-socket.ts";
import type { ChatData, Dialect, Person } from "./chat-data.ts";
import { ExpectedEchoes } from "./expected-echoes.ts";
import type { FollowedConversation, Subscriber } from "./subscriber.ts";

const NAMESPACE = "/";
/** Event that carries the recovery offset: clients keep the last string argument of whatever they get. */
const OFFSET_EVENT = "offset";
/** Users whose last known presence a connection remembers, so that it hears of each change once. */
const MAX_TOLD = 1_000;

/** Between pages of what was missed: half of what a client may owe, and how long it may take to read down to it. */
const ROOM_UNITS = LIMITS.bufferedBytes / 2;
const ROOM_TURN_MS = 20;
const ROOM_TURNS = 500;

/** One event of a batch as frames; `echo` names it for the connection that caused it. */
interface Rendered {
  seq: number;
  echo: string | null;
  frames: readonly Frame[];
}

/** What the connections of one Gateway share. */
export interface ChatSocketHost {
  readonly context: RenderContext;
  readonly rate: RateBounds;
  offsetOf(socket: ChatSocket): string;
}

/** One Socket.IO connection: what it keeps, and how it hears of conversations. */
export class ChatSocket implements Subscriber {
  readonly socket: IoSocket;
  readonly echoes = new ExpectedEchoes();
  readonly allowance: FrameAllowance;
  /** Settles when a sign-in that is under way has ended; events wait for it. */
  ready: Promise<void> | null = null;
  readonly #host: ChatSocketHost;
  readonly #online = new Map<string, boolean>();
  #data: ChatData;

  constructor(host: ChatSocketHost, socket: IoSocket, data: ChatData) {
    this.#host = host;
    this.socket = socket;
    this.#data = data;
    this.allowance = new FrameAllowance(host.rate, Date.now());
  }

  get data(): ChatData {
    return this.#data;
  }

  get person(): Person | null {
    return this.#data.person;
  }

  get userId(): UserId {
    if (this.#data.person === null) throw new Error("nobody has signed in here");
    return this.#data.person.userId;
  }

  get dialect(): Dialect {
    return this.#data.dialect;
  }

  keep(change: Partial<ChatData>): void {
    this.#data = { ...this.#data, ...change };
    this.socket.data = this.#data;
  }

  emit([name, payload]: Emission): void {
    this.socket.emit(name, payload);
  }

  events(batch: EventBatch, after: number): void {
    const rendered = batch.rendered(this.dialect, () => this.#render(batch));
    if (after < batch.firstSeq && this.echoes.isEmpty) {
      const all = batch.rendered(`${this.dialect} frames`, () =>
        rendered.flatMap(({ frames }) => frames),
      );
      return this.socket.sendFrames(all);
    }
    const wanted = rendered.filter(
      ({ seq, echo }) =>
        seq > after && !(echo !== null && this.#isOwn(batch, seq) && this.echoes.take(echo)),
    );
    this.socket.sendFrames(wanted.flatMap(({ frames }) => frames));
  }

  /** One that its client asks for again, if there is anything to show. */
  message(conversationId: ConversationId, event: ReaderEvent): void {
    if (isShown(event)) this.emit(["newMessage", this.#payloadOf(conversationId, event)]);
  }

  frame(conversation: FollowedConversation, shared: SharedFrame): void {
    const frames =
      this.dialect === "chat-svc"
        ? svcFrames(conversation.conversationId, shared)
        : this.#frames(conversation, shared);
    if (frames.length > 0) this.socket.sendFrames(frames);
  }

  entry(_conversationId: ConversationId, entry: string): void {
    if (this.dialect === "ngomna") this.socket.sendFrames([`42["conversationUpdated",${entry}]`]);
  }

  notify({ at, ...notification }: StoredNotification): void {
    this.emit(["notification", { ...notification, timestamp: this.#host.context.time(at) }]);
  }

  /** The offset follows the events it stands for, as an event of its own. */
  settled(): void {
    const offset = this.#host.offsetOf(this);
    // an offset begins with its time, which moves by itself
    if (cursorsIn(offset) !== cursorsIn(this.#data.offset)) this.tellOffset(offset);
  }

  tellOffset(offset = this.#host.offsetOf(this)): void {
    this.keep({ offset });
    this.socket.sendFrames([`42["${OFFSET_EVENT}","${offset}"]`]);
  }

  /** A slow client gets what it missed as it reads; one that does not read at all is cut by what comes next. */
  async room(): Promise<void> {
    for (let turn = 0; turn < ROOM_TURNS && this.socket.owed > ROOM_UNITS; turn++) {
      await scheduler.wait(ROOM_TURN_MS);
    }
  }

  takesNews(): boolean {
    return true;
  }

  dropped(_conversationId: ConversationId): void {
    this.settled();
  }

  #isOwn({ events, firstSeq }: EventBatch, seq: number): boolean {
    const event = events[seq - firstSeq];
    return event !== undefined && "senderId" in event && event.senderId === this.person?.userId;
  }

  #render({ conversationId, events }: EventBatch): Rendered[] {
    return events.map((event) => ({
      seq: event.seq,
      echo: echoOf(conversationId, event),
      frames: framesOf(this.#emissionsOf(conversationId, event)),
    }));
  }

  #emissionsOf(conversationId: ConversationId, event: ReaderEvent): readonly Emission[] {
    const { context } = this.#host;
    if (this.dialect === "ngomna") return renderEvent(conversationId, event, context);
    if (event.type === "flagged") {
      return [["messageFlagged", svcFlagged(conversationId, event, context.time)]];
    }
    return isShown(event) ? [["newMessage", this.#payloadOf(conversationId, event)]] : [];
  }

  #payloadOf(conversationId: ConversationId, event: ShownEvent): object {
    const { context } = this.#host;
    const message = asMessage(event);
    return this.dialect === "chat-svc"
      ? svcMessage(conversationId, message, context.time)
      : newMessage(conversationId, message, context);
  }

  #frames(conversation: FollowedConversation, shared: SharedFrame): readonly Frame[] {
    const { conversationId } = conversation;
    const { frame } = shared;
    switch (frame.type) {
      case "receipts":
        return this.#statusFrames(conversation, shared, frame);
      case "receiptCounts":
        return [];
      case "presence": {
        if (!this.#isNews(frame.userId, frame.online)) return [];
        return shared.rendered("presence", () => this.#presenceFrames(frame));
      }
      case "hidden":
        if (this.echoes.take(hiddenEcho(conversationId, frame.target))) return [];
        break;
      case "typing":
      case "visit":
      case "joinRequests":
        break;
    }
    return shared.rendered("passing", () =>
      framesOf([renderPassing(conversationId, frame, this.#host.context, Date.now())]),
    );
  }

  /** Everybody's but his own. */
  #statusFrames(
    conversation: FollowedConversation,
    shared: SharedFrame,
    frame: Extract<LiveFrame, { type: "receipts" }>,
  ): readonly Frame[] {
    const { conversationId, head } = conversation;
    const told = shared.rendered("receipts", () => {
      const timestamp = this.#host.context.time(Date.now());
      return conversation.changesOf(frame).map((change) => {
        const { userId, readCount } = change;
        const emissions = renderStatus(conversationId, change, { head, readCount, timestamp });
        return { userId, frames: framesOf(emissions) };
      });
    });
    return told.flatMap(({ userId, frames }) => (userId === this.person?.userId ? [] : frames));
  }

  /** People share many conversations, and each tells; the connection hears of a change once. */
  #isNews(userId: string, online: boolean): boolean {
    if (this.#online.get(userId) === online) return false;
    if (this.#online.size >= MAX_TOLD) this.#online.clear();
    this.#online.set(userId, online);
    return true;
  }

  #presenceFrames({ userId, online }: Extract<LiveFrame, { type: "presence" }>): readonly Frame[] {
    const { time, matriculeOf } = this.#host.context;
    const payload = { userId, matricule: matriculeOf(userId), timestamp: time(Date.now()) };
    return framesOf([[online ? "user_connected" : "user_disconnected", payload]]);
  }
}

function framesOf(emissions: readonly Emission[]): readonly Frame[] {
  return emissions.flatMap(([name, payload]) => eventFrames(NAMESPACE, name, [payload]));
}

/** Of what passes, the second system knows who writes. */
function svcFrames(conversationId: ConversationId, shared: SharedFrame): readonly Frame[] {
  const { frame } = shared;
  if (frame.type !== "typing") return [];
  return shared.rendered("chat-svc typing", () =>
    framesOf([[frame.active ? "typing" : "stopTyping", svcTyping(conversationId, frame.userId)]]),
  );
}

function cursorsIn(offset: string): string {
  return offset.slice(NOTHING_FOLLOWED.length);
}

export function messageEcho(conversationId: ConversationId, clientMessageId: string): string {
  return `${conversationId} message ${clientMessageId}`;
}

export function editEcho(conversationId: ConversationId, target: number): string {
  return `${conversationId} edited ${target}`;
}

export function deletionEcho(conversationId: ConversationId, target: number): string {
  return `${conversationId} deleted ${target}`;
}

export function hiddenEcho(conversationId: ConversationId, target: number): string {
  return `${conversationId} hidden ${target}`;
}

export function fileEcho(fileId: string): string {
  return `file ${fileId}`;
}

/** How the connection that caused an event will have named it beforehand; null for what nobody waits for. */
function echoOf(conversationId: ConversationId, event: ReaderEvent): string | null {
  switch (event.type) {
    case "message":
      return messageEcho(conversationId, event.clientMessageId);
    case "edited":
      return editEcho(conversationId, event.target);
    case "deleted":
      return deletionEcho(conversationId, event.target);
    case "fileDeleted":
      return fileEcho(event.fileId);
    default:
      return null;
  }
}
