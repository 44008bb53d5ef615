import type { ConversationSession } from "../client/index.ts";
import { button, element } from "./element.ts";

const OFFLINE = "Offline. What you write is kept, and sent when the connection is back.";
const TEXTS: Record<ConversationSession["state"], string> = {
  idle: "",
  dialing: "Connecting…",
  greeting: "Connecting…",
  live: "",
  waiting: OFFLINE,
  closed: "",
};

/** Says when a conversation is not live, and why. Says nothing while all is well. */
export class ConnectionBanner {
  readonly view: HTMLElement;
  readonly #text = element("span", { role: "status" });
  readonly #retry: HTMLButtonElement;

  constructor(wake: () => void) {
    this.#retry = button("Try now", wake, "quiet");
    this.view = element("div", { class: "banner" }, this.#text, this.#retry);
  }

  /** The browser knows that the network is gone before a silent socket shows it. */
  show(state: ConversationSession["state"]): void {
    const text = state === "live" && !navigator.onLine ? OFFLINE : TEXTS[state];
    this.#put(text, state, state === "waiting");
  }

  /** Stays until the state changes again. */
  showProblem(text: string): void {
    this.#put(text, "problem", false);
  }

  #put(text: string, state: string, canRetry: boolean): void {
    this.view.dataset["state"] = state;
    this.view.hidden = text === "";
    this.#text.textContent = text;
    this.#retry.hidden = !canRetry;
  }
}
