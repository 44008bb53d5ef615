import type {
  ConversationSummary,
  ConversationSession,
  ParleyClient,
  ReaderEvent,
  User,
} from "../client/index.ts";
import { Composer } from "./composer.ts";
import { element } from "./element.ts";
import { Timeline } from "./timeline.ts";
import { inWords } from "./words.ts";

const STATES: Record<ConversationSession["state"], string> = {
  idle: "",
  dialing: "Connecting…",
  greeting: "Connecting…",
  live: "Online",
  waiting: "Offline. Messages are kept and sent when the connection is back.",
  closed: "Closed",
};

/** What the rest of the page does with an open conversation. */
export interface ConversationListener {
  latest(event: ReaderEvent): void;
  back(): void;
}

/** One conversation on screen: its messages, and where to write the next one. */
export class ConversationView {
  readonly view: HTMLElement;
  readonly conversationId: string;
  readonly #session: ConversationSession;
  readonly #timeline: Timeline;
  readonly #composer: Composer;
  readonly #state = element("p", { class: "state", role: "status" });
  readonly #listener: ConversationListener;

  constructor(
    client: ParleyClient,
    me: User,
    conversation: ConversationSummary,
    listener: ConversationListener,
  ) {
    this.conversationId = conversation.conversationId;
    this.#listener = listener;
    this.#session = client.conversation(conversation.conversationId);
    this.#timeline = new Timeline(me.userId, (clientMessageId, content) =>
      this.#send(clientMessageId, content),
    );
    this.#composer = new Composer((content) => this.#send(crypto.randomUUID(), content));
    const back = element(
      "button",
      { type: "button", class: "quiet back", ariaLabel: "Back to the list" },
      "←",
    );
    back.addEventListener("click", () => listener.back());
    const title = element("h2", { dir: "auto" }, conversation.name ?? "Conversation");
    const head = element("header", {}, back, title, this.#state);
    this.view = element(
      "section",
      { class: "conversation" },
      head,
      this.#timeline.view,
      this.#composer.view,
    );
  }

  start(): void {
    this.#session.on("welcome", ({ conversation }) => this.#timeline.name(conversation.members));
    this.#session.on("events", (events) => {
      this.#timeline.add(events);
      const last = events.at(-1);
      if (last !== undefined) this.#listener.latest(last);
    });
    this.#session.on("reset", () => this.#timeline.clear());
    this.#session.on("state", (state) => this.#showState(STATES[state], state));
    this.#session.on("error", (error) => this.#showState(inWords(error), "problem"));
    this.#session.open();
    this.#composer.focus();
  }

  wake(): void {
    this.#session.wake();
  }

  close(): void {
    this.#session.close();
  }

  async #send(clientMessageId: string, content: string): Promise<void> {
    this.#timeline.pend(clientMessageId, content);
    try {
      await this.#session.send({ content }, { clientMessageId });
    } catch (error) {
      this.#timeline.fail(clientMessageId, inWords(error));
    }
  }

  #showState(text: string, state: string): void {
    this.#state.textContent = text;
    this.#state.dataset["state"] = state;
  }
}
