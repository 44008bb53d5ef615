import { element } from "./element.ts";

/** Where a message is written. Enter sends, Shift+Enter breaks the line. */
export class Composer {
  readonly view: HTMLFormElement;
  readonly #input = element("textarea", {
    rows: 1,
    dir: "auto",
    placeholder: "Write a message",
    ariaLabel: "Message",
  });

  constructor(send: (content: string) => void) {
    const button = element("button", { type: "submit" }, "Send");
    this.view = element("form", { class: "composer" }, this.#input, button);
    this.view.addEventListener("submit", (event) => {
      event.preventDefault();
      const content = this.#input.value.trim();
      if (content === "") return;
      this.#input.value = "";
      send(content);
      this.focus();
    });
    this.#input.addEventListener("keydown", (event) => {
      // while a word is being composed, Enter chooses it
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.view.requestSubmit();
    });
  }

  focus(): void {
    this.#input.focus();
  }
}
