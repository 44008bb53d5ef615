import {
  MessageTimeline,
  type ConversationSummary,
  type ReaderEvent,
  type TimelineEntry,
  type TimelineMessage,
} from "../client/index.ts";
import { arrange } from "./arrange.ts";
import type { Delivery } from "./delivery.ts";
import { button, element } from "./element.ts";
import type { FileShelf } from "./file-shelf.ts";
import type { Members } from "./members.ts";
import { MessageItem } from "./message-item.ts";
import { openMessageMenu } from "./message-menu.ts";
import { systemWords } from "./system-words.ts";
import { dayKey, dayOf } from "./times.ts";
import { UnsentList, type UnsentListener } from "./unsent-list.ts";

/** What a reader can ask of the timeline. */
export interface TimelineListener extends UnsentListener {
  earlier(): void;
  edit(message: TimelineMessage): void;
  react(seq: number, emoji: string, active: boolean): void;
  remove(seq: number, scope: "everyone" | "me"): void;
  report(message: TimelineMessage): void;
  /** Whether the reader may delete what others wrote. */
  moderates(): boolean;
}

interface Row {
  view: HTMLElement;
  entry: TimelineEntry;
  isNamed: boolean;
  /** Absent for what the server says. */
  item?: MessageItem;
}

/**
 * The messages of a conversation in order, own ones that are not stored yet at the end. Its style sheet lays it out from
 * the end, so readers at the end follow new messages, and readers further up stay where they are.
 */
export class Timeline {
  readonly view: HTMLElement;
  readonly unsent: UnsentList;
  readonly #myId: string;
  readonly #isGroup: boolean;
  readonly #members: Members;
  readonly #delivery: Delivery;
  readonly #shelf: FileShelf;
  readonly #listener: TimelineListener;
  readonly #entries = new MessageTimeline();
  readonly #rows = new Map<number, Row>();
  readonly #days = new Map<string, HTMLElement>();
  readonly #more: HTMLButtonElement;
  readonly #earlier = element("ol");
  readonly #live = element("ol");
  /** From here on everything is known; undefined before the first welcome. */
  #from: number | undefined;
  /** Where the live part begins. */
  #liveFrom = 0;

  constructor(
    myId: string,
    conversation: ConversationSummary,
    { members, delivery, shelf }: { members: Members; delivery: Delivery; shelf: FileShelf },
    listener: TimelineListener,
  ) {
    this.#myId = myId;
    this.#isGroup = conversation.type === "group";
    this.#members = members;
    this.#delivery = delivery;
    this.#shelf = shelf;
    this.#listener = listener;
    this.unsent = new UnsentList(listener);
    this.#more = button("Earlier messages", () => listener.earlier(), "quiet");
    this.#more.hidden = true;
    const hint = conversation.lastSeq === 0 ? "No messages yet. Write the first one." : "";
    // only the end is announced as it grows, not a page of history
    const end = element("div", { role: "log", ariaLabel: "Newest messages" });
    end.append(this.#live, this.unsent.view);
    const content = element("div", {}, this.#more, this.#earlier, end);
    const empty = element("p", { class: "hint nothing" }, hint);
    const label = { role: "region", ariaLabel: "Messages", tabIndex: 0 };
    this.view = element("div", { class: "timeline", ...label }, content, empty);
  }

  /** The seq from which on everything is known here; undefined while nothing is. */
  get from(): number | undefined {
    return this.#from;
  }

  /** Nothing is to be seen, though something came before: of a lively conversation's end only edits and reactions. */
  get isBare(): boolean {
    return this.#rows.size === 0 && this.#from !== undefined && this.#from > 1;
  }

  /** Reading has begun behind this seq; said again after a cut, it changes nothing. */
  start(after: number): void {
    if (this.#from === undefined) {
      this.#from = after + 1;
      this.#liveFrom = this.#from;
    }
    this.#render();
  }

  add(events: readonly ReaderEvent[]): void {
    this.#entries.apply(events);
    this.#render();
    for (const event of events) {
      if (event.type !== "message" || event.senderId !== this.#myId) continue;
      this.unsent.settle(event.clientMessageId);
    }
  }

  /** What was before; everything from `from` on is known now. */
  addEarlier(events: readonly ReaderEvent[], from: number): void {
    this.#from = from;
    this.add(events);
  }

  hide(seq: number): void {
    this.#entries.hide(seq);
    this.#render();
  }

  /** Own messages may have got further. */
  mark(): void {
    for (const { entry, item } of this.#rows.values()) {
      if (entry.senderId === this.#myId) item?.mark(this.#delivery.of(entry.seq));
    }
  }

  scrollToEnd(): void {
    this.view.scrollTop = 0;
  }

  clear(): void {
    this.#entries.clear();
    this.#from = undefined;
    this.#render();
  }

  #render(): void {
    const earlier: HTMLElement[] = [];
    const live: HTMLElement[] = [];
    const entries = this.#entries.entries();
    let previous: TimelineEntry | undefined;
    for (const entry of entries) {
      const list = entry.seq < this.#liveFrom ? earlier : live;
      const isNewDay = previous === undefined || dayKey(previous.at) !== dayKey(entry.at);
      if (isNewDay) list.push(this.#day(entry.at));
      const isNewAuthor =
        isNewDay || previous?.type !== "message" || previous.senderId !== entry.senderId;
      list.push(this.#row(entry, this.#isGroup && isNewAuthor && entry.senderId !== this.#myId));
      previous = entry;
    }
    for (const seq of this.#rows.keys()) {
      if (this.#entries.at(seq) === undefined) this.#rows.delete(seq);
    }
    const hadFocus = this.view.contains(document.activeElement);
    arrange(this.#earlier, earlier);
    arrange(this.#live, live);
    // whoever has hidden a message by keyboard goes on from here
    if (hadFocus && !this.view.contains(document.activeElement)) this.view.focus();
    this.#more.hidden = this.#from === undefined || this.#from <= 1;
    this.mark();
  }

  #day(at: number): HTMLElement {
    const key = dayKey(at);
    const day = this.#days.get(key) ?? element("li", { class: "day" }, dayOf(at));
    this.#days.set(key, day);
    return day;
  }

  #row(entry: TimelineEntry, isNamed: boolean): HTMLElement {
    const known = this.#rows.get(entry.seq);
    if (known?.entry === entry && known.isNamed === isNamed) return known.view;
    const row = this.#makeRow(entry, isNamed, known);
    this.#rows.set(entry.seq, row);
    return row.view;
  }

  #makeRow(entry: TimelineEntry, isNamed: boolean, known: Row | undefined): Row {
    if (entry.type !== "message" || entry.message.type === "SYSTEM") {
      const words =
        entry.type === "message" ? entry.message.content : systemWords(entry, this.#members);
      const view = element("li", { class: "notice", dir: "auto" }, words);
      return { view, entry, isNamed };
    }
    const { seq, senderId } = entry;
    const author = {
      name: this.#members.nameOf(senderId),
      isMe: senderId === this.#myId,
      isNamed,
    };
    known?.item?.show(entry, author);
    const item =
      known?.item ??
      new MessageItem(entry, author, this.#shelf, {
        open: (opener) => this.#openMenu(seq, opener),
        react: (emoji, active) => this.#listener.react(seq, emoji, active),
        nameOf: (userId) => this.#members.nameOf(userId),
      });
    return { view: item.view, entry, isNamed, item };
  }

  #openMenu(seq: number, opener: HTMLElement): void {
    const message = this.#entries.at(seq);
    if (message?.type !== "message") return;
    const isThere = message.deletedAt === undefined;
    const isMine = message.senderId === this.#myId;
    const listener = this.#listener;
    openMessageMenu(opener, this.view, {
      ...(isThere && { react: (emoji) => listener.react(seq, emoji, true) }),
      ...(isThere && isMine && { edit: () => listener.edit(message) }),
      ...(isThere && !isMine && { report: () => listener.report(message) }),
      ...(isThere &&
        (isMine || listener.moderates()) && {
          removeForAll: () => listener.remove(seq, "everyone"),
        }),
      removeForMe: () => listener.remove(seq, "me"),
    });
  }
}
