import {
  isAtLeast,
  may,
  type ConversationSession,
  type ParleyError,
  type ReaderEvent,
} from "../client/index.ts";
import { ComposerGate } from "./composer-gate.ts";
import type { ConversationDesk, DeskContext, DeskListener } from "./conversation-desk.ts";
import { button, element } from "./element.ts";
import { GroupPanel } from "./group-panel.ts";
import { Roster } from "./roster.ts";
import { systemWords } from "./system-words.ts";
import { dateAndTime } from "./times.ts";

/** Longest that a browser's timer waits; a mute that lasts longer is looked at again then. */
const TIMER_MAX_MS = 2_147_483_647;
const BAN_ACTIONS = new Set(["banned", "unbanned"]);

/** Of a group: its panel, who waits to be let in, and whether the user may write. */
export class GroupDesk implements ConversationDesk {
  readonly opener: HTMLButtonElement;
  readonly #context: DeskContext;
  readonly #listener: DeskListener;
  readonly #roster: Roster;
  readonly #panel: GroupPanel;
  readonly #gate: ComposerGate;
  readonly #badge = element("span", { class: "unread", hidden: true });
  readonly #unwatch: () => void;
  #muteTimer: ReturnType<typeof setTimeout> | undefined;
  /** The server has ended the session, and no event had said why. */
  #isShutOut = false;

  constructor(context: DeskContext, listener: DeskListener) {
    const { client, me, conversationId: groupId, members, blocks, composer, title } = context;
    this.#context = context;
    this.#listener = listener;
    this.#roster = new Roster(me.userId);
    this.#gate = new ComposerGate(composer);
    this.opener = button("Group", () => this.#toggle(), "quiet");
    this.opener.append(this.#badge);
    this.opener.ariaExpanded = "false";
    this.#panel = new GroupPanel(
      client,
      { groupId, roster: this.#roster, members, blocks, name: title },
      {
        talk: (userId) => listener.talk(userId),
        waiting: (count) => this.#showWaiting(count),
        closed: (hadFocus) => this.#closed(hadFocus),
      },
    );
    this.#unwatch = blocks.watch(() => this.#panel.show());
  }

  get views(): readonly HTMLElement[] {
    return [this.#gate.view, this.#panel.view];
  }

  get isGone(): boolean {
    return this.#isShutOut || this.#roster.departure !== undefined;
  }

  get moderates(): boolean {
    return may(this.#roster.myRole, "deleteOthersMessages");
  }

  attach(session: ConversationSession): void {
    session.on("welcome", (welcome) => {
      this.#roster.welcome(welcome);
      this.#show();
      void this.#panel.refresh(); // shows its own failures
    });
    session.on("events", (events) => this.#take(events));
    session.on("presence", () => this.#panel.isOpen && this.#panel.show());
    session.on("joinRequests", ({ waiting }) => {
      this.#showWaiting(waiting);
      if (this.#panel.isOpen) void this.#panel.readRequests(); // shows its own failures
    });
    session.on("error", (error) => this.#shutOut(session, error));
  }

  stop(): void {
    clearTimeout(this.#muteTimer);
    this.#unwatch();
  }

  #take(events: readonly ReaderEvent[]): void {
    const { departure: before, myRole } = this.#roster;
    this.#roster.apply(events);
    if (!events.some(({ type }) => type !== "message" && type !== "reaction")) return;
    this.#show();
    if (this.#roster.myRole !== myRole) void this.#panel.refresh(); // shows its own failures
    const changes = events.filter((event) => event.type === "membership");
    // both show their own failures
    if (changes.some(({ action }) => BAN_ACTIONS.has(action))) void this.#panel.readBans();
    if (changes.some(({ inviteId }) => inviteId !== undefined)) void this.#panel.readInvites();
    const { departure } = this.#roster;
    if (departure === undefined || departure === before) return;
    this.#listener.gone(departure.seq, this.#context.members.isMe(departure.senderId));
  }

  /** What was missed may have ended the membership: then the server refuses the session. */
  #shutOut(session: ConversationSession, { code }: ParleyError): void {
    const isOver = session.state === "closed" && (code === "FORBIDDEN" || code === "NOT_FOUND");
    if (!isOver || this.isGone) return;
    this.#isShutOut = true;
    this.#show();
    this.#listener.gone(session.cursor, false);
  }

  #show(): void {
    if (this.isGone) {
      this.#panel.close();
      this.opener.hidden = true;
    } else {
      this.#panel.show();
    }
    const reason = this.#closure();
    this.#gate.show(reason === undefined ? undefined : { reason });
  }

  /** Why the user may not write now. */
  #closure(): string | undefined {
    clearTimeout(this.#muteTimer);
    const { departure, settings, myRole, myMuteUntil } = this.#roster;
    if (departure !== undefined) return `${systemWords(departure, this.#context.members)}.`;
    if (this.#isShutOut) return "You are not a member of this group any more.";
    if (settings === undefined) return undefined;
    if (settings.locked && !may(myRole, "sendWhileLocked")) {
      return "The group is locked: only moderators and above can write.";
    }
    if (!isAtLeast(myRole, settings.send)) {
      const above = settings.send === "admin" ? "admins and the owner" : "moderators and above";
      return `Only ${above} can write here.`;
    }
    const mutedMs = myMuteUntil - Date.now();
    if (mutedMs <= 0) return undefined;
    this.#muteTimer = setTimeout(() => this.#show(), Math.min(mutedMs, TIMER_MAX_MS));
    return `You are muted until ${dateAndTime(myMuteUntil)}.`;
  }

  #toggle(): void {
    if (this.#panel.isOpen) return this.#panel.close();
    this.opener.ariaExpanded = "true";
    this.#panel.open();
  }

  #closed(hadFocus: boolean): void {
    this.opener.ariaExpanded = "false";
    if (hadFocus) this.opener.focus();
  }

  #showWaiting(count: number): void {
    this.#badge.hidden = count === 0;
    const words = count === 1 ? " request to join" : " requests to join";
    this.#badge.replaceChildren(String(count), element("span", { class: "unseen" }, words));
  }
}
