import { button, element } from "./element.ts";
import { tick } from "./ticks.ts";

/** An own message without an ack. */
export class UnsentItem {
  readonly view: HTMLLIElement;
  readonly content: string;
  readonly #foot = element("footer", {}, tick({ state: "waiting" }));

  constructor(content: string) {
    this.content = content;
    this.view = element(
      "li",
      { class: "message mine" },
      element("strong", { class: "unseen" }, "You"),
      element("p", { dir: "auto" }, content),
      this.#foot,
    );
  }

  fail(reason: string, remedy: { label: string; apply: () => void }): void {
    const mend = button(remedy.label, remedy.apply, "quiet");
    this.view.classList.add("failed");
    this.#foot.replaceChildren(
      tick({ state: "failed" }),
      element("span", { role: "alert" }, reason),
      mend,
    );
  }
}
