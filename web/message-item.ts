import type { MessageEvent } from "../client/index.ts";
import { element } from "./element.ts";
import { timeOfDay } from "./times.ts";

const TICKS = {
  pending: { sign: "🕓", label: "Waiting to be sent" },
  sent: { sign: "✓", label: "Sent" },
  failed: { sign: "!", label: "Not sent" },
} as const;

/** One message on screen. */
export class MessageItem {
  readonly view: HTMLLIElement;
  readonly content: string;
  readonly #foot: HTMLElement;

  private constructor(
    content: string,
    className: string,
    foot: HTMLElement,
    sender: string | null,
  ) {
    this.content = content;
    this.#foot = foot;
    const text = element("p", { dir: "auto" }, content);
    const head = sender === null ? [] : [element("strong", { dir: "auto" }, sender)];
    this.view = element("li", { class: className }, ...head, text, foot);
  }

  /** `sender` is null for the reader's own. */
  static stored(event: MessageEvent, sender: string | null): MessageItem {
    const time = element(
      "time",
      { dateTime: new Date(event.at).toISOString() },
      timeOfDay(event.at),
    );
    const foot = element("footer", {}, time, ...(sender === null ? [tick("sent")] : []));
    const className = sender === null ? "message mine" : "message";
    const item = new MessageItem(event.message.content, className, foot, sender);
    item.view.dataset["seq"] = String(event.seq);
    return item;
  }

  static pending(content: string): MessageItem {
    return new MessageItem(content, "message mine", element("footer", {}, tick("pending")), null);
  }

  fail(reason: string, retry: () => void): void {
    const again = element("button", { type: "button", class: "quiet" }, "Try again");
    again.addEventListener("click", retry);
    this.#foot.replaceChildren(tick("failed"), reason, again);
  }
}

function tick(state: keyof typeof TICKS): HTMLElement {
  const { sign, label } = TICKS[state];
  return element("span", { class: `tick ${state}`, role: "img", ariaLabel: label }, sign);
}
