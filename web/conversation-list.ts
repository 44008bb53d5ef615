import type { ConversationSummary, ParleyClient, MessageEvent } from "../client/index.ts";
import { element } from "./element.ts";
import { shortTime } from "./times.ts";
import { inWords } from "./words.ts";

interface Entry {
  conversation: ConversationSummary;
  item: HTMLLIElement;
  button: HTMLButtonElement;
  preview: HTMLElement;
  time: HTMLElement;
}

/** The user's conversations, newest activity first. */
export class ConversationList {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #choose: (conversation: ConversationSummary) => void;
  readonly #items = element("ul");
  readonly #problem = element("p", { class: "problem", role: "status" });
  readonly #entries = new Map<string, Entry>();
  #selected: string | undefined;

  constructor(client: ParleyClient, choose: (conversation: ConversationSummary) => void) {
    this.#client = client;
    this.#choose = choose;
    this.view = element("nav", { ariaLabel: "Conversations" }, this.#problem, this.#items);
  }

  async refresh(): Promise<void> {
    try {
      const { conversations } = await this.#client.rest.listConversations();
      this.#problem.textContent = conversations.length === 0 ? "No conversations yet." : "";
      for (const conversation of conversations) this.#put(conversation);
      this.#sort();
    } catch (error) {
      this.#problem.textContent = inWords(error);
    }
  }

  select(conversationId: string): void {
    this.#selected = conversationId;
    for (const [id, { button }] of this.#entries) {
      button.ariaCurrent = id === this.#selected ? "true" : "false";
    }
  }

  /** A newer message than the list knows. */
  touch(conversationId: string, event: MessageEvent): void {
    const entry = this.#entries.get(conversationId);
    if (entry === undefined || event.seq <= entry.conversation.lastSeq) return;
    const news = { lastMessage: event, lastSeq: event.seq, updatedAt: event.at };
    this.#put({ ...entry.conversation, ...news });
    this.#sort();
  }

  #put(conversation: ConversationSummary): void {
    const entry = this.#entries.get(conversation.conversationId) ?? this.#add(conversation);
    if (conversation.lastSeq < entry.conversation.lastSeq) return; // a slow answer, overtaken by a live event
    entry.conversation = conversation;
    entry.preview.textContent = conversation.lastMessage?.message.content ?? "";
    entry.time.textContent = shortTime(conversation.updatedAt);
  }

  #add(conversation: ConversationSummary): Entry {
    const name = element("strong", { dir: "auto" }, conversation.name ?? "Conversation");
    const preview = element("span", { class: "preview", dir: "auto" });
    const time = element("time");
    const button = element("button", { type: "button" }, name, time, preview);
    const entry = { conversation, item: element("li", {}, button), button, preview, time };
    button.addEventListener("click", () => this.#choose(entry.conversation));
    this.#entries.set(conversation.conversationId, entry);
    return entry;
  }

  #sort(): void {
    const entries = [...this.#entries.values()].toSorted(
      (one, other) => other.conversation.updatedAt - one.conversation.updatedAt,
    );
    const focused = document.activeElement;
    this.#items.replaceChildren(...entries.map(({ item }) => item));
    // moving an element takes the focus from it
    if (focused instanceof HTMLElement && this.#items.contains(focused)) focused.focus();
  }
}
