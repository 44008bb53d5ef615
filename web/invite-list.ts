import type { Invite, InviteTerms } from "../client/index.ts";
import { button, element } from "./element.ts";
import { joinLinkTo } from "./join-address.ts";
import { KeyedList } from "./keyed-list.ts";
import { linkField } from "./link-field.ts";
import { choiceField } from "./choice-field.ts";
import { shortTime } from "./times.ts";

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const LIVES = [
  ["An hour", HOUR_S],
  ["A day", DAY_S],
  ["A week", 7 * DAY_S],
  ["30 days", 30 * DAY_S],
] as const;
/** 0: as many as there is time for. */
const USES = [
  ["Any number", 0],
  ["One person", 1],
  ["10 people", 10],
  ["100 people", 100],
] as const;

/** Links that let people in, for those who may make them. */
export class InviteList {
  readonly view: HTMLElement;
  readonly #list: KeyedList<Invite>;

  constructor(listener: { make(terms: InviteTerms): void; revoke(invite: Invite): void }) {
    this.#list = new KeyedList<Invite>(
      "Invitation links",
      ({ inviteId }) => inviteId,
      (invite) => {
        const { token, uses, maxUses, expiresAt } = invite;
        const used = maxUses === null ? `used ${uses} times` : `used ${uses} of ${maxUses} times`;
        const terms = element("span", { class: "hint" }, `${used}, until ${shortTime(expiresAt)}`);
        const revoke = button("Take back", () => listener.revoke(invite), "quiet");
        const foot = element("div", { class: "row-text" }, terms, revoke);
        return [linkField("Invitation link", joinLinkTo(location.origin, token)), foot];
      },
    );
    const life = choiceField("Holds for", LIVES, 7 * DAY_S);
    const uses = choiceField("Lets in", USES, 0);
    const form = element("form", { class: "terms" }, life.view, uses.view);
    form.append(element("button", { type: "submit" }, "Make a link"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const maxUses = uses.value;
      listener.make({ expiresInS: life.value, ...(maxUses > 0 && { maxUses }) });
    });
    this.view = element("section", {}, element("h3", {}, "Invitation links"));
    this.view.append(this.#list.view, form);
  }

  show(invites: readonly Invite[]): void {
    this.#list.show(invites.filter(({ active }) => active));
  }
}
