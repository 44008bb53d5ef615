import type { ConversationSummary, MessageEvent, ParleyClient } from "../client/index.ts";
import { button, element } from "./element.ts";
import { inOneLine } from "./file-words.ts";
import { shortTime } from "./times.ts";
import { inWords } from "./words.ts";

/** Where the server stops counting. */
const UNREAD_MAX = 1_000;

interface Entry {
  conversation: ConversationSummary;
  item: HTMLLIElement;
  button: HTMLButtonElement;
  name: HTMLElement;
  preview: HTMLElement;
  time: HTMLElement;
  unread: HTMLElement;
}

/** The user's conversations, newest activity first. */
export class ConversationList {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #choose: (conversationId: string) => void;
  readonly #items = element("ul");
  readonly #hint = element("p", { class: "hint" });
  readonly #problem = element("p", { class: "problem", role: "status" });
  readonly #more: HTMLButtonElement;
  readonly #entries = new Map<string, Entry>();
  /** Left conversations, with the seq of the leaving: what is told of them from before is old news. */
  readonly #left = new Map<string, number>();
  #selected: string | undefined;
  /** Where the pages read so far end; undefined before the first one. */
  #end: string | null | undefined;

  constructor(client: ParleyClient, choose: (conversationId: string) => void) {
    this.#client = client;
    this.#choose = choose;
    this.#more = button("More conversations", () => void this.#read(this.#end), "quiet"); // shows its own failures
    this.#more.hidden = true;
    this.view = element("nav", { ariaLabel: "Conversations" });
    this.view.append(this.#problem, this.#hint, this.#items, this.#more);
  }

  /** Reads the first page again. */
  async refresh(): Promise<void> {
    await this.#read(null);
  }

  find(conversationId: string): ConversationSummary | undefined {
    return this.#entries.get(conversationId)?.conversation;
  }

  /** Marks one as open; undefined for none. */
  select(conversationId: string | undefined): void {
    this.#selected = conversationId;
    for (const [id, entry] of this.#entries) this.#mark(id, entry);
  }

  /** The user is no member of it any more since the event at `seq`; left out, since a later one than the list knows. */
  remove(conversationId: string, seq = this.find(conversationId)?.lastSeq ?? 0): void {
    this.#left.set(conversationId, seq);
    this.#entries.get(conversationId)?.item.remove();
    this.#entries.delete(conversationId);
  }

  put(conversation: ConversationSummary): void {
    const leftAt = this.#left.get(conversation.conversationId);
    if (leftAt !== undefined && conversation.lastSeq <= leftAt) return;
    const entry = this.#entries.get(conversation.conversationId) ?? this.#add(conversation);
    if (conversation.lastSeq < entry.conversation.lastSeq) return; // a slow answer, overtaken by a live event
    entry.conversation = conversation;
    entry.name.textContent = conversation.name ?? "Conversation";
    const { lastMessage } = conversation;
    entry.preview.textContent = lastMessage === null ? "" : inOneLine(lastMessage);
    entry.time.textContent = shortTime(conversation.updatedAt);
    this.#mark(conversation.conversationId, entry);
    this.#hint.textContent = "";
  }

  /** A conversation as the server shows it now, in its place. */
  update(conversation: ConversationSummary): void {
    this.put(conversation);
    this.#sort();
  }

  /** A newer message than the list may know. */
  touch(conversationId: string, lastMessage: MessageEvent): void {
    const known = this.find(conversationId);
    if (known === undefined || lastMessage.seq <= known.lastSeq) return;
    this.update({ ...known, lastMessage, lastSeq: lastMessage.seq, updatedAt: lastMessage.at });
  }

  async #read(cursor: string | null | undefined): Promise<void> {
    try {
      const page = await this.#client.rest.listConversations(cursor == null ? {} : { cursor });
      this.#problem.textContent = "";
      for (const conversation of page.conversations) this.put(conversation);
      this.#sort();
      if (cursor != null || this.#end === undefined) this.#end = page.nextCursor;
      this.#more.hidden = this.#end === null;
      if (this.#entries.size === 0) {
        this.#hint.textContent = "No conversations yet. Start one, or wait for somebody to write.";
      }
    } catch (error) {
      this.#problem.textContent = inWords(error);
    }
  }

  #add(conversation: ConversationSummary): Entry {
    const { conversationId } = conversation;
    const name = element("strong", { dir: "auto" });
    const preview = element("span", { class: "preview", dir: "auto" });
    const time = element("time");
    const choose = button("", () => this.#choose(conversationId));
    const unread = element("span", { class: "unread" });
    choose.append(name, time, preview, unread);
    const item = element("li", {}, choose);
    const entry = { conversation, item, button: choose, name, preview, time, unread };
    this.#entries.set(conversationId, entry);
    return entry;
  }

  #mark(conversationId: string, entry: Entry): void {
    const isSelected = conversationId === this.#selected;
    entry.button.ariaCurrent = isSelected ? "true" : null;
    // the open one is being read: what the server has counted is old news
    if (isSelected) entry.conversation = { ...entry.conversation, unreadCount: 0 };
    const { unreadCount } = entry.conversation;
    entry.unread.hidden = unreadCount === 0;
    const count = unreadCount >= UNREAD_MAX ? `${UNREAD_MAX - 1}+` : String(unreadCount);
    entry.unread.replaceChildren(count, element("span", { class: "unseen" }, " unread"));
  }

  #sort(): void {
    const entries = [...this.#entries.values()].toSorted(
      (one, other) => other.conversation.updatedAt - one.conversation.updatedAt,
    );
    const isSorted = entries.every(({ item }, index) => this.#items.children[index] === item);
    if (isSorted) return; // moving an element takes the focus from it, and from screen readers their place
    const focused = document.activeElement;
    this.#items.replaceChildren(...entries.map(({ item }) => item));
    if (focused instanceof HTMLElement && this.#items.contains(focused)) focused.focus();
  }
}
