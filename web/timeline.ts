import type { ReaderEvent } from "../client/index.ts";
import { element } from "./element.ts";
import { MessageItem } from "./message-item.ts";
import { dayOf } from "./times.ts";

/** How near to its end, in px, a reader counts as reading along. */
const END_PX = 80;

/** The messages of a conversation in order, own ones that are not stored yet at the end. Only ever adds at the end. */
export class Timeline {
  readonly view = element("div", {
    class: "timeline",
    role: "log",
    tabIndex: 0,
    ariaLabel: "Messages",
  });
  readonly #myId: string;
  readonly #retry: (clientMessageId: string, content: string) => void;
  readonly #names = new Map<string, string>();
  readonly #stored = element("ol");
  readonly #waiting = element("ol");
  readonly #pending = new Map<string, MessageItem>();
  #lastDay = "";

  constructor(myId: string, retry: (clientMessageId: string, content: string) => void) {
    this.#myId = myId;
    this.#retry = retry;
    this.view.append(this.#stored, this.#waiting);
  }

  /** Who writes here; messages that came before their sender's name get it now. */
  name(members: readonly { userId: string; name: string }[]): void {
    for (const { userId, name } of members) this.#names.set(userId, name);
  }

  add(events: readonly ReaderEvent[]): void {
    this.#keepingEnd(() => {
      for (const event of events) this.#addOne(event);
    });
  }

  /** An own message on its way. Again for one that had failed: it starts anew. */
  pend(clientMessageId: string, content: string): void {
    this.#settle(clientMessageId);
    const item = MessageItem.pending(content);
    this.#pending.set(clientMessageId, item);
    this.#waiting.append(item.view);
    this.#scrollToEnd();
  }

  fail(clientMessageId: string, reason: string): void {
    const item = this.#pending.get(clientMessageId);
    item?.fail(reason, () => this.#retry(clientMessageId, item.content));
  }

  clear(): void {
    this.#stored.replaceChildren();
    this.#lastDay = "";
  }

  #addOne(event: ReaderEvent): void {
    if (event.type !== "message") return;
    const isMine = event.senderId === this.#myId;
    if (isMine) this.#settle(event.clientMessageId);
    const day = dayOf(event.at);
    if (day !== this.#lastDay) this.#stored.append(element("li", { class: "day" }, day));
    this.#lastDay = day;
    const sender = isMine ? null : (this.#names.get(event.senderId) ?? event.senderId);
    this.#stored.append(MessageItem.stored(event, sender).view);
  }

  #settle(clientMessageId: string): void {
    this.#pending.get(clientMessageId)?.view.remove();
    this.#pending.delete(clientMessageId);
  }

  /** Follows the end for those who read there, and leaves those alone who read further up. */
  #keepingEnd(change: () => void): void {
    const { scrollHeight, scrollTop, clientHeight } = this.view;
    const atEnd = scrollHeight - scrollTop - clientHeight < END_PX;
    change();
    if (atEnd) this.#scrollToEnd();
  }

  #scrollToEnd(): void {
    this.view.scrollTop = this.view.scrollHeight;
  }
}
