import {
  RefusedError,
  type ConversationSummary,
  type Invitation,
  type ParleyClient,
} from "../client/index.ts";
import { button, element } from "./element.ts";
import type { JoinAddress } from "./join-address.ts";
import { dateAndTime } from "./times.ts";
import { inWords } from "./words.ts";

const NOTE_MAX_CHARS = 500;

/** What the rest of the page does with where a link has led. */
export interface JoinListener {
  joined(group: ConversationSummary): void;
  back(): void;
}

/** Where a link to a group leads: in, or to the question whether one may come in. */
export class JoinView {
  readonly view: HTMLElement;
  readonly address: JoinAddress;
  readonly #client: ParleyClient;
  readonly #listener: JoinListener;
  readonly #content = element("div", { class: "invitation" });

  constructor(client: ParleyClient, address: JoinAddress, listener: JoinListener) {
    this.#client = client;
    this.address = address;
    this.#listener = listener;
    this.view = element("section", { class: "nothing", ariaLabel: "Join a group" }, this.#content);
  }

  async open(): Promise<void> {
    if (!this.address.isInvitation) return this.#offerToAsk("This link leads to a group.");
    this.#show(element("p", { class: "hint", role: "status" }, "Reading the invitation…"));
    try {
      this.#offerToJoin(await this.#client.groups.invitation(this.address.text));
    } catch (error) {
      if (isRefused(error, "FORBIDDEN")) this.#offerToAsk("This invitation does not let you in.");
      else this.#showProblem(error);
    }
  }

  #offerToJoin({ name, memberCount, expiresAt, isMember }: Invitation): void {
    const members = memberCount === 1 ? "1 member" : `${memberCount} members`;
    const join = async () => {
      await this.#client.groups.acceptInvite(this.address.text);
      await this.#enter();
    };
    this.#show(
      element("h2", { dir: "auto" }, name ?? "A group"),
      element("p", {}, `${isMember ? "You are a member." : "You are invited."} It has ${members}.`),
      element("p", { class: "hint" }, `The invitation holds until ${dateAndTime(expiresAt)}.`),
      this.#form(isMember ? "Open" : "Join", join),
    );
  }

  #showProblem(error: unknown): void {
    const isBroken = isRefused(error, "NOT_FOUND") || isRefused(error, "INVALID_DATA");
    const words = isBroken ? "This link leads nowhere. Ask for another one." : inWords(error);
    const again = button("Try again", () => void this.open()); // shows its own failures
    this.#show(
      element("p", { class: "problem", role: "alert" }, words),
      ...(isBroken ? [] : [again]),
    );
  }

  #offerToAsk(why: string): void {
    const note = element("textarea", { name: "note", rows: 2, maxLength: NOTE_MAX_CHARS });
    note.dir = "auto";
    this.#show(
      element("h2", {}, why),
      element("p", {}, "You can ask its moderators to let you in."),
      this.#form(
        "Ask to join",
        () => this.#ask(note.value.trim()),
        element("label", { class: "field" }, "Say who you are, if you like", note),
      ),
    );
  }

  /** An open group takes everybody, without a question. */
  async #ask(note: string): Promise<void> {
    const { groups } = this.#client;
    const { groupId } = this.address;
    try {
      await groups.requestToJoin(groupId, note);
    } catch (error) {
      if (isRefused(error, "ALREADY_EXISTS")) return this.#enter();
      if (!isRefused(error, "CONFLICT")) throw error;
      await groups.join(groupId);
      return this.#enter();
    }
    this.#showWaiting();
  }

  #showWaiting(): void {
    const withdraw = async () => {
      const me = this.#client.user;
      if (me !== undefined) await this.#client.groups.endRequest(this.address.groupId, me.userId);
      this.#listener.back();
    };
    this.#show(
      element("h2", {}, "You have asked to join."),
      element("p", { role: "status" }, "The group opens here as soon as somebody lets you in."),
      this.#form("Take it back", withdraw),
    );
  }

  async #enter(): Promise<void> {
    this.#listener.joined(await this.#client.groups.group(this.address.groupId));
  }

  #form(label: string, act: () => Promise<void>, ...fields: HTMLElement[]): HTMLFormElement {
    const problem = element("p", { class: "problem", role: "alert" });
    const submit = element("button", { type: "submit" }, label);
    const form = element("form", {}, ...fields, problem, submit);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      problem.textContent = "";
      try {
        await act();
      } catch (error) {
        problem.textContent = inWords(error);
      } finally {
        submit.disabled = false;
      }
    });
    return form;
  }

  #show(...children: HTMLElement[]): void {
    const back = button("Back to the list", () => this.#listener.back(), "quiet");
    this.#content.replaceChildren(...children, back);
    this.#content.querySelector<HTMLElement>("button[type=submit]")?.focus();
  }
}

function isRefused(error: unknown, code: string): boolean {
  return error instanceof RefusedError && error.code === code;
}
