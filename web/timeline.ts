import type { ConversationSummary, MessageEvent, ReaderEvent } from "../client/index.ts";
import { button, element } from "./element.ts";
import { MessageItem, type Author } from "./message-item.ts";
import { dayOf } from "./times.ts";

/** What a reader can ask of the timeline. */
export interface TimelineListener {
  earlier(): void;
  retry(clientMessageId: string, content: string): void;
  edit(content: string): void;
}

/**
 * The messages of a conversation in order, own ones that are not stored yet at the end. Its style sheet lays it out from
 * the end, so readers at the end follow new messages, and readers further up stay where they are.
 */
export class Timeline {
  readonly view: HTMLElement;
  readonly #myId: string;
  readonly #isGroup: boolean;
  readonly #listener: TimelineListener;
  readonly #names = new Map<string, string>();
  readonly #more: HTMLButtonElement;
  readonly #earlier = element("ol");
  readonly #stored = element("ol");
  readonly #unsent = element("ol");
  readonly #waiting = new Map<string, MessageItem>();
  #first: MessageEvent | undefined;
  #last: MessageEvent | undefined;
  #isWhole = false;

  constructor(myId: string, conversation: ConversationSummary, listener: TimelineListener) {
    this.#myId = myId;
    this.#isGroup = conversation.type === "group";
    this.#listener = listener;
    this.#more = button("Earlier messages", () => listener.earlier(), "quiet");
    this.#more.hidden = true;
    const hint = conversation.lastSeq === 0 ? "No messages yet. Write the first one." : "";
    // only the end is announced as it grows, not a page of history
    const end = element("div", { role: "log", ariaLabel: "Newest messages" });
    end.append(this.#stored, this.#unsent);
    const content = element("div", {}, this.#more, this.#earlier, end);
    const empty = element("p", { class: "hint nothing" }, hint);
    const label = { role: "region", ariaLabel: "Messages", tabIndex: 0 };
    this.view = element("div", { class: "timeline", ...label }, content, empty);
  }

  /** Seq of the earliest message shown; undefined while there is none. */
  get firstSeq(): number | undefined {
    return this.#first?.seq;
  }

  get hasUnsent(): boolean {
    return this.#waiting.size > 0;
  }

  /** Who writes here; messages that follow bear these names. */
  name(members: readonly { userId: string; name: string }[]): void {
    for (const { userId, name } of members) this.#names.set(userId, name);
  }

  add(events: readonly ReaderEvent[]): void {
    const messages = events.filter((event) => event.type === "message");
    this.#stored.append(...this.#rows(messages, this.#last));
    for (const { senderId, clientMessageId } of messages) {
      if (senderId === this.#myId) this.#settle(clientMessageId);
    }
    this.#first ??= messages[0];
    this.#last = messages.at(-1) ?? this.#last;
    this.#showMore();
  }

  /** What was before the first message; `isAll`: nothing is before these. */
  addEarlier(events: readonly ReaderEvent[], isAll: boolean): void {
    const messages = events.filter((event) => event.type === "message");
    const [newest, oldest] = [messages.at(-1), messages[0]];
    if (newest !== undefined && this.#first !== undefined && isSameDay(newest, this.#first)) {
      this.view.querySelector(".day")?.remove(); // its day begins further up now
    }
    this.#earlier.prepend(...this.#rows(messages, undefined));
    this.#first = oldest ?? this.#first;
    this.#isWhole = isAll;
    this.#showMore();
  }

  /** An own message on its way; again for one that had failed. */
  wait(clientMessageId: string, content: string): void {
    this.#settle(clientMessageId);
    const item = MessageItem.waiting(content);
    this.#waiting.set(clientMessageId, item);
    this.#unsent.append(item.view);
    this.view.scrollTop = 0; // its end
  }

  fail(clientMessageId: string, reason: string, canRetry: boolean): void {
    const item = this.#waiting.get(clientMessageId);
    if (item === undefined) return;
    const { content } = item;
    const retry = () => this.#listener.retry(clientMessageId, content);
    const edit = () => {
      this.#settle(clientMessageId);
      this.#listener.edit(content);
    };
    item.fail(
      reason,
      canRetry ? { label: "Try again", apply: retry } : { label: "Edit", apply: edit },
    );
  }

  clear(): void {
    this.#earlier.replaceChildren();
    this.#stored.replaceChildren();
    this.#first = undefined;
    this.#last = undefined;
    this.#isWhole = false;
    this.#showMore();
  }

  /** Messages as rows, under a heading for each new day. */
  #rows(messages: readonly MessageEvent[], before: MessageEvent | undefined): HTMLLIElement[] {
    const rows: HTMLLIElement[] = [];
    let previous = before;
    for (const message of messages) {
      const isNewDay = previous === undefined || !isSameDay(previous, message);
      if (isNewDay) rows.push(element("li", { class: "day" }, dayOf(message.at)));
      const isNewAuthor = isNewDay || previous?.senderId !== message.senderId;
      rows.push(MessageItem.stored(message, this.#author(message.senderId, isNewAuthor)).view);
      previous = message;
    }
    return rows;
  }

  #author(senderId: string, isNew: boolean): Author {
    if (senderId === this.#myId) return { name: "You", isMe: true, isNamed: false };
    const name = this.#names.get(senderId) ?? "Somebody";
    return { name, isMe: false, isNamed: this.#isGroup && isNew };
  }

  #showMore(): void {
    this.#more.hidden = this.#isWhole || this.#first === undefined || this.#first.seq <= 1;
  }

  #settle(clientMessageId: string): void {
    this.#waiting.get(clientMessageId)?.view.remove();
    this.#waiting.delete(clientMessageId);
  }
}

function isSameDay(one: MessageEvent, other: MessageEvent): boolean {
  return dayOf(one.at) === dayOf(other.at);
}
