import type { ConversationSummary, ParleyClient, User } from "../client/index.ts";
import { ConversationList } from "./conversation-list.ts";
import { ConversationView } from "./conversation-view.ts";
import { element } from "./element.ts";
import { newConversationDialog } from "./new-conversation.ts";

const REFRESH_MS = 15_000;

/** The signed-in page: the list of conversations beside the open one. */
export class ChatView {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #me: User;
  readonly #list: ConversationList;
  readonly #main = element("main", {}, element("p", { class: "hint" }, "Choose a conversation."));
  readonly #stopping = new AbortController();
  readonly #signOut: () => void;
  #open: ConversationView | undefined;

  constructor(client: ParleyClient, me: User, signOut: () => void) {
    this.#client = client;
    this.#me = me;
    this.#signOut = signOut;
    this.#list = new ConversationList(client, (conversation) => this.#show(conversation));
    const create = element("button", { type: "button" }, "New conversation");
    create.addEventListener("click", () => this.#create());
    const leave = element("button", { type: "button", class: "quiet" }, "Sign out");
    leave.addEventListener("click", signOut);
    const head = element("header", {}, element("strong", {}, me.name), create, leave);
    this.view = element(
      "div",
      { class: "chat" },
      element("aside", {}, head, this.#list.view),
      this.#main,
    );
  }

  start(): void {
    const { signal } = this.#stopping;
    void this.#refresh();
    const timer = setInterval(() => {
      if (!document.hidden) void this.#refresh();
    }, REFRESH_MS);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("focus", () => void this.#refresh(), { signal });
    addEventListener("online", () => this.#open?.wake(), { signal });
  }

  stop(): void {
    this.#stopping.abort();
    this.#open?.close();
  }

  /** The list shows its own failures; one of them is that the server has ended the sign-in. */
  async #refresh(): Promise<void> {
    await this.#list.refresh();
    if (this.#client.user === undefined && !this.#stopping.signal.aborted) this.#signOut();
  }

  #show(conversation: ConversationSummary): void {
    if (this.#open?.conversationId === conversation.conversationId) return;
    this.#open?.close();
    this.#open = new ConversationView(this.#client, this.#me, conversation, {
      latest: (event) => {
        if (event.type === "message") this.#list.touch(conversation.conversationId, event);
      },
      back: () => this.#back(),
    });
    this.#main.replaceChildren(this.#open.view);
    this.view.classList.add("open");
    this.#list.select(conversation.conversationId);
    this.#open.start();
  }

  /** On a phone the list and the conversation share the screen. */
  #back(): void {
    this.view.classList.remove("open");
  }

  #create(): void {
    const dialog = newConversationDialog(this.#client, async (conversation) => {
      await this.#refresh();
      this.#show(conversation);
    });
    document.body.append(dialog);
    dialog.showModal();
  }
}
