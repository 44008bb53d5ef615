import type { ConversationSummary, ParleyClient, User } from "../client/index.ts";
import { ConversationList } from "./conversation-list.ts";
import { ConversationView } from "./conversation-view.ts";
import { button, element } from "./element.ts";
import { NewConversationDialog } from "./new-conversation.ts";

/**
 * The signed-in page: the list of conversations beside the open one. The address names the open one after its `#`, so a
 * reload stays there and the browser's own way back leads to the list.
 */
export class ChatView {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #me: User;
  readonly #list: ConversationList;
  readonly #main = element("main");
  readonly #hint = element("p", { class: "hint nothing" }, "Choose a conversation, or start one.");
  readonly #stopping = new AbortController();
  readonly #signOut: (notice: string) => void;
  #open: ConversationView | undefined;
  /** Left while they held words that are not sent: they stay connected until those are. */
  readonly #kept = new Map<string, ConversationView>();

  constructor(client: ParleyClient, me: User, signOut: (notice: string) => void) {
    this.#client = client;
    this.#me = me;
    this.#signOut = signOut;
    this.#list = new ConversationList(client, (conversationId) => this.#go(conversationId));
    const head = element("header", {}, element("strong", { dir: "auto" }, me.name));
    head.append(
      button("Sign out", () => signOut(""), "quiet"),
      button("New conversation", () => this.#create(), "wide"),
    );
    this.#main.append(this.#hint);
    this.view = element(
      "div",
      { class: "chat" },
      element("aside", {}, head, this.#list.view),
      this.#main,
    );
  }

  start(): void {
    const { signal } = this.#stopping;
    const refresh = () => void this.#refresh(); // the list shows its failures
    const feed = this.#client.listFeed();
    const wake = () => [feed, ...this.#views()].forEach((link) => link.wake());
    feed.on("open", refresh);
    feed.on("entry", (conversation) => this.#update(conversation));
    feed.on("ended", refresh);
    addEventListener("hashchange", () => this.#route(), { signal });
    addEventListener("focus", refresh, { signal });
    addEventListener("focus", () => this.#open?.read(), { signal });
    addEventListener("online", wake, { signal });
    addEventListener("offline", wake, { signal });
    addEventListener("beforeunload", (event) => this.#holdBack(event), { signal });
    signal.addEventListener("abort", () => feed.close());
    feed.open();
    refresh();
  }

  stop(): void {
    this.#stopping.abort();
    for (const view of this.#views()) view.close();
    document.title = "Parley";
    history.replaceState(null, "", location.pathname);
  }

  #views(): ConversationView[] {
    const open = this.#open === undefined ? [] : [this.#open];
    return [...open, ...this.#kept.values()];
  }

  async #refresh(): Promise<void> {
    await this.#list.refresh();
    if (this.#stopping.signal.aborted) return;
    if (this.#client.user === undefined) this.#signOut("Your sign-in has ended. Sign in again.");
    else this.#route();
  }

  #update(conversation: ConversationSummary): void {
    this.#list.update(conversation);
    // the address may have named it before the list knew it
    this.#route();
  }

  #go(conversationId: string): void {
    location.hash = conversationId;
    this.#route();
  }

  /** Shows what the address names, once the list knows it. */
  #route(): void {
    const conversationId = location.hash.slice(1);
    const conversation = this.#list.find(conversationId);
    if (conversation === undefined) this.#leave();
    else if (conversationId !== this.#open?.conversationId) this.#show(conversation);
  }

  #show(conversation: ConversationSummary): void {
    this.#leave();
    const { conversationId } = conversation;
    this.#open = this.#kept.get(conversationId) ?? this.#connect(conversation);
    this.#kept.delete(conversationId);
    this.#main.replaceChildren(this.#open.view);
    this.view.classList.add("open");
    this.#list.select(conversationId);
    this.#name();
    this.#open.welcome();
  }

  #connect(conversation: ConversationSummary): ConversationView {
    const view = new ConversationView(this.#client, this.#me, conversation, {
      latest: (message) => this.#list.touch(conversation.conversationId, message),
      renamed: () => this.#name(),
      back: () => this.#go(""),
    });
    view.open();
    return view;
  }

  #name(): void {
    document.title = this.#open === undefined ? "Parley" : `${this.#open.title} · Parley`;
  }

  #leave(): void {
    for (const [id, view] of this.#kept) {
      if (view.holdsUnsent) continue;
      view.close();
      this.#kept.delete(id);
    }
    const left = this.#open;
    if (left === undefined) return;
    if (left.holdsUnsent) this.#kept.set(left.conversationId, left);
    else left.close();
    this.#open = undefined;
    this.#main.replaceChildren(this.#hint);
    this.view.classList.remove("open");
    this.#list.select(undefined);
    this.#name();
  }

  #create(): void {
    const dialog = new NewConversationDialog(this.#client, (conversation) => {
      this.#list.put(conversation);
      this.#go(conversation.conversationId);
      void this.#refresh(); // the list shows its failures
    });
    dialog.open();
  }

  /** The browser asks before it closes a page that holds words which nobody has got yet. */
  #holdBack(event: BeforeUnloadEvent): void {
    if (this.#views().some((view) => view.holdsUnsent)) event.preventDefault();
  }
}
