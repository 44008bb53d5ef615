import type { MessageEvent } from "../client/index.ts";
import { button, element } from "./element.ts";
import { tick } from "./ticks.ts";
import { timeOfDay } from "./times.ts";

/** Who wrote a message, as the reader sees it. */
export interface Author {
  name: string;
  isMe: boolean;
  /** Whether the name is written out; those who cannot see the page hear it in any case. */
  isNamed: boolean;
}

/** One message on screen. */
export class MessageItem {
  readonly view: HTMLLIElement;
  readonly content: string;
  readonly #foot = element("footer");

  private constructor(content: string, { name, isMe, isNamed }: Author) {
    this.content = content;
    this.view = element(
      "li",
      { class: isMe ? "message mine" : "message" },
      element("strong", { dir: "auto", class: isNamed ? "" : "unseen" }, name),
      element("p", { dir: "auto" }, content),
      this.#foot,
    );
  }

  static stored(event: MessageEvent, author: Author): MessageItem {
    const item = new MessageItem(event.message.content, author);
    const dateTime = new Date(event.at).toISOString();
    item.#foot.append(element("time", { dateTime }, timeOfDay(event.at)));
    if (author.isMe) item.#foot.append(tick("stored"));
    return item;
  }

  /** An own message without an ack. */
  static waiting(content: string): MessageItem {
    const item = new MessageItem(content, { name: "You", isMe: true, isNamed: false });
    item.#foot.append(tick("waiting"));
    return item;
  }

  fail(reason: string, remedy: { label: string; apply: () => void }): void {
    const mend = button(remedy.label, remedy.apply, "quiet");
    this.view.classList.add("failed");
    this.#foot.replaceChildren(tick("failed"), element("span", { role: "alert" }, reason), mend);
  }
}
