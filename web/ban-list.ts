import { button, element } from "./element.ts";
import { KeyedList } from "./keyed-list.ts";

/** Somebody who may not come in. */
export interface Banned {
  userId: string;
  name: string;
}

/** Who may not come in, for those who may change it. */
export class BanList {
  readonly view: HTMLElement;
  readonly #list: KeyedList<Banned>;
  #userIds: ReadonlySet<string> = new Set();

  constructor(unban: (banned: Banned) => void) {
    this.#list = new KeyedList<Banned>(
      "Banned",
      ({ userId }) => userId,
      (banned) => {
        const who = element("span", { class: "who", dir: "auto" }, banned.name);
        const back = button("Let come back", () => unban(banned), "quiet");
        back.ariaLabel = `Let ${banned.name} come back`;
        return [element("div", { class: "row-text" }, who), back];
      },
    );
    this.view = element("section", { hidden: true }, element("h3", {}, "Banned"), this.#list.view);
  }

  has(userId: string): boolean {
    return this.#userIds.has(userId);
  }

  show(banned: readonly Banned[]): void {
    this.#userIds = new Set(banned.map(({ userId }) => userId));
    this.#list.show(banned);
    this.view.hidden = banned.length === 0;
  }
}
