import type { ConversationSummary, ParleyClient, User } from "../client/index.ts";
import { Blocks } from "./blocks.ts";
import { ConversationList } from "./conversation-list.ts";
import { ConversationView } from "./conversation-view.ts";
import { button, element } from "./element.ts";
import { FileOutbox } from "./file-outbox.ts";
import { joinAddressOf, type JoinAddress } from "./join-address.ts";
import { JoinView } from "./join-view.ts";
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
  readonly #blocks: Blocks;
  readonly #outbox: FileOutbox;
  #open: ConversationView | undefined;
  /** Where a link to a group has led, while that is on screen. */
  #joining: JoinView | undefined;
  /** Left while they held words that are not sent: they stay connected until those are. */
  readonly #kept = new Map<string, ConversationView>();

  constructor(client: ParleyClient, me: User, signOut: (notice: string) => void) {
    this.#client = client;
    this.#me = me;
    this.#signOut = signOut;
    this.#blocks = new Blocks(client);
    this.#outbox = new FileOutbox(me.userId);
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
    feed.on("removed", (conversationId) => this.#list.remove(conversationId));
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
    // whoever is not known to be blocked is shown as anybody; the server keeps them out all the same
    this.#blocks.read().catch(() => undefined);
  }

  stop(): void {
    this.#stopping.abort();
    for (const view of this.#views()) view.close();
    // whoever signs out leaves nothing behind on this machine
    void this.#outbox.clear(); // it never fails
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
    const { conversationId } = conversation;
    this.#list.update(conversation);
    const isBack = this.#open?.isGone === true && this.#list.find(conversationId) !== undefined;
    if (isBack && this.#open?.conversationId === conversationId) this.#leave();
    // the address may have named it before the list knew it
    this.#route();
  }

  #go(conversationId: string): void {
    location.hash = conversationId;
    this.#route();
  }

  /** Shows what the address names, once the list knows it. */
  #route(): void {
    const joining = joinAddressOf(location.hash.slice(1));
    if (joining !== undefined && this.#list.find(joining.groupId) === undefined) {
      return this.#invite(joining);
    }
    // a member needs no invitation, and no way back to it
    if (joining !== undefined) history.replaceState(null, "", `#${joining.groupId}`);
    const conversationId = location.hash.slice(1);
    // one that was left by others' doing stays on screen, and says so
    if (conversationId === this.#open?.conversationId) return;
    const conversation = this.#list.find(conversationId);
    if (conversation === undefined) this.#leave();
    else this.#show(conversation);
  }

  #invite(address: JoinAddress): void {
    if (this.#joining?.address.text === address.text) return;
    this.#leave();
    this.#joining = new JoinView(this.#client, address, {
      joined: (group) => this.#enter(group),
      back: () => this.#go(""),
    });
    this.#main.replaceChildren(this.#joining.view);
    this.view.classList.add("open");
    void this.#joining.open(); // shows its own failures
  }

  /** Opens a conversation that the list may not know yet. */
  #enter(conversation: ConversationSummary): void {
    this.#list.update(conversation);
    this.#go(conversation.conversationId);
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
    const { conversationId } = conversation;
    const context = { conversation, blocks: this.#blocks, outbox: this.#outbox };
    const view = new ConversationView(this.#client, this.#me, context, {
      latest: (message) => this.#list.touch(conversationId, message),
      renamed: () => this.#name(),
      back: () => this.#go(""),
      talk: async (userId) => this.#enter(await this.#client.rest.createDirect(userId)),
      gone: (seq, isWanted) => {
        this.#list.remove(conversationId, seq);
        if (isWanted && this.#open === view) this.#go("");
      },
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
    if (left === undefined && this.#joining === undefined) return;
    this.#joining = undefined;
    if (left?.holdsUnsent === true) this.#kept.set(left.conversationId, left);
    else left?.close();
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
