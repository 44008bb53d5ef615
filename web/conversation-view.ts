import {
  ParleyError,
  type ConversationSession,
  type ConversationSummary,
  type MessageEvent,
  type ParleyClient,
  type User,
} from "../client/index.ts";
import { Composer } from "./composer.ts";
import { ConnectionBanner } from "./connection-banner.ts";
import { button, element } from "./element.ts";
import { Timeline } from "./timeline.ts";
import { inWords } from "./words.ts";

/** Messages shown at first, and how many more each look further back adds: some screens full. */
const PAGE = 50;

/** What the rest of the page does with an open conversation. */
export interface ConversationListener {
  latest(message: MessageEvent): void;
  back(): void;
}

/** One conversation on screen: its messages, and where to write the next one. */
export class ConversationView {
  readonly view: HTMLElement;
  readonly conversationId: string;
  readonly title: string;
  readonly #client: ParleyClient;
  readonly #session: ConversationSession;
  readonly #timeline: Timeline;
  readonly #composer: Composer;
  readonly #banner = new ConnectionBanner(() => this.wake());
  readonly #people = element("p", { class: "hint people-line", dir: "auto" });
  readonly #listener: ConversationListener;

  constructor(
    client: ParleyClient,
    me: User,
    conversation: ConversationSummary,
    listener: ConversationListener,
  ) {
    const { conversationId, lastSeq } = conversation;
    this.conversationId = conversationId;
    this.title = conversation.name ?? "Conversation";
    this.#client = client;
    this.#listener = listener;
    this.#session = client.conversation(conversationId, Math.max(0, lastSeq - PAGE));
    this.#timeline = new Timeline(me.userId, conversation, {
      earlier: () => void this.#loadEarlier(), // shows its own failures
      retry: (clientMessageId, content) => void this.#send(clientMessageId, content), // likewise
      edit: (content) => this.#composer.restore(content),
    });
    this.#composer = new Composer((content) => this.#send(crypto.randomUUID(), content));
    const back = button("←", () => listener.back(), "quiet back");
    back.ariaLabel = "Back to the list";
    const title = element("div", {}, element("h2", { dir: "auto" }, this.title));
    if (conversation.type === "group") title.append(this.#people);
    this.view = element(
      "section",
      { class: "conversation", ariaLabel: this.title },
      element("header", {}, back, title),
      this.#banner.view,
      this.#timeline.view,
      this.#composer.view,
    );
  }

  /** Whether something would be lost if this were closed now. */
  get holdsUnsent(): boolean {
    return this.#timeline.hasUnsent || this.#composer.hasDraft;
  }

  open(): void {
    this.#session.on("welcome", ({ conversation }) => this.#name(conversation));
    this.#session.on("events", (events) => {
      this.#timeline.add(events);
      const last = events.findLast((event) => event.type === "message");
      if (last !== undefined) this.#listener.latest(last);
    });
    this.#session.on("reset", () => this.#timeline.clear());
    this.#session.on("state", (state) => this.#banner.show(state));
    this.#session.on("error", (error) => this.#banner.showProblem(inWords(error)));
    this.#session.open();
  }

  /** It has come to the screen. */
  welcome(): void {
    this.#composer.welcome();
  }

  wake(): void {
    this.#session.wake();
    this.#banner.show(this.#session.state);
  }

  close(): void {
    this.#session.close();
  }

  #name({
    members,
    memberCount,
  }: {
    members: readonly { userId: string; name: string }[];
    memberCount: number;
  }): void {
    this.#timeline.name(members);
    const others = memberCount - members.length;
    const names = members.map(({ name }) => name).join(", ");
    this.#people.textContent = others > 0 ? `${names} and ${others} others` : names;
  }

  async #send(clientMessageId: string, content: string): Promise<void> {
    this.#timeline.wait(clientMessageId, content);
    try {
      await this.#session.send({ content }, { clientMessageId });
    } catch (error) {
      const canRetry = error instanceof ParleyError && error.shouldRetry();
      this.#timeline.fail(clientMessageId, inWords(error), canRetry);
    }
  }

  async #loadEarlier(): Promise<void> {
    const beforeSeq = this.#timeline.firstSeq;
    if (beforeSeq === undefined) return;
    try {
      const page = { beforeSeq, limit: PAGE };
      const { messages, hasMore } = await this.#client.rest.history(this.conversationId, page);
      // a second click asks for the same page; the first answer wins
      if (this.#timeline.firstSeq === beforeSeq) this.#timeline.addEarlier(messages, !hasMore);
    } catch (error) {
      this.#banner.showProblem(inWords(error));
    }
  }
}
