import type { ParleyClient } from "../client/index.ts";
import { ChatView } from "./chat-view.ts";
import { element } from "./element.ts";
import { joinAddressOf } from "./join-address.ts";
import { SignInView } from "./sign-in-view.ts";

/** Shows the sign-in or the chat, whichever is due. */
export class App {
  readonly #root: HTMLElement;
  readonly #client: ParleyClient;

  constructor(root: HTMLElement, client: ParleyClient) {
    this.#root = root;
    this.#client = client;
  }

  start(notice = ""): void {
    if (this.#client.user === undefined) this.#showSignIn(notice);
    else this.#showChat(this.#client.user);
  }

  #showSignIn(notice: string): void {
    const signIn = new SignInView(this.#client, notice, () => this.start());
    this.#root.replaceChildren(signIn.view);
    if (joinAddressOf(location.hash.slice(1)) !== undefined) {
      const words = "You are invited to a group. Sign in, or create an account, to see it.";
      this.#root.prepend(element("p", { class: "invited" }, words));
    }
    signIn.focus();
  }

  #showChat(me: NonNullable<ParleyClient["user"]>): void {
    const chat = new ChatView(this.#client, me, async (notice) => {
      chat.stop();
      // signed out here in any case; the server learns it when it can be reached
      await this.#client.logout().catch(() => undefined);
      this.start(notice);
    });
    this.#root.replaceChildren(chat.view);
    chat.start();
  }
}
