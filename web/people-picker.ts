import type { ParleyClient, User } from "../client/index.ts";
import { element, Field } from "./element.ts";
import { inWords } from "./words.ts";

/** Finds people and keeps those that were chosen, over any number of searches. */
export class PeoplePicker {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #changed: () => void;
  readonly #isOffered: (userId: string) => boolean;
  readonly #search = new Field("Find people", {
    name: "q",
    type: "search",
    autocomplete: "off",
    required: false,
  });
  readonly #found = element("ul", { class: "people", ariaLabel: "People found" });
  readonly #choice = element("p", { class: "hint", role: "status" });
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #chosen = new Map<string, User>();
  #searches = 0;

  /** `isOffered` leaves out those who need not be found. */
  constructor(client: ParleyClient, changed: () => void, isOffered = (_userId: string) => true) {
    this.#client = client;
    this.#changed = changed;
    this.#isOffered = isOffered;
    this.#search.input.addEventListener("input", () => void this.find()); // shows its own failures
    this.view = element("div", { class: "picker" }, this.#search.view, this.#found);
    this.view.append(this.#choice, this.#problem);
  }

  get chosen(): readonly User[] {
    return [...this.#chosen.values()];
  }

  async find(): Promise<void> {
    const search = ++this.#searches;
    try {
      const { users, nextCursor } = await this.#client.rest.searchUsers(this.#search.input.value);
      if (search !== this.#searches) return; // a later search has overtaken this one
      const others = users.filter(
        ({ userId }) => userId !== this.#client.user?.userId && this.#isOffered(userId),
      );
      this.#found.replaceChildren(...others.map((user) => this.#row(user)));
      this.#search.hint = hintFor(others.length, nextCursor !== null);
      this.#problem.textContent = "";
    } catch (error) {
      this.#problem.textContent = inWords(error);
    }
  }

  #row(user: User): HTMLLIElement {
    const box = element("input", { type: "checkbox", checked: this.#chosen.has(user.userId) });
    box.addEventListener("change", () => {
      if (box.checked) this.#chosen.set(user.userId, user);
      else this.#chosen.delete(user.userId);
      const names = this.chosen.map(({ name }) => name).join(", ");
      this.#choice.textContent = names === "" ? "" : `With ${names}`;
      this.#changed();
    });
    const name = element("span", { dir: "auto" }, user.name);
    const matricule = element("span", { class: "hint" }, user.matricule);
    return element("li", {}, element("label", {}, box, name, " ", matricule));
  }
}

function hintFor(count: number, hasMore: boolean): string {
  if (hasMore) return "There are more; write more of the name.";
  return count === 0 ? "Nobody else found." : "";
}
