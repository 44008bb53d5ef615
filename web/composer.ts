import { element } from "./element.ts";

/** Where a message is written. Enter sends, Shift+Enter breaks the line. */
export class Composer {
  readonly view: HTMLFormElement;
  readonly #input = element("textarea", {
    rows: 1,
    dir: "auto",
    placeholder: "Write a message",
    ariaLabel: "Message",
    enterKeyHint: "send",
  });

  constructor(send: (content: string) => void) {
    const submit = element("button", { type: "submit" }, "Send");
    this.view = element("form", { class: "composer" }, this.#input, submit);
    this.view.addEventListener("submit", (event) => {
      event.preventDefault();
      const content = this.#input.value.trim();
      if (content === "") return;
      this.#input.value = "";
      send(content);
      this.#input.focus();
    });
    this.#input.addEventListener("keydown", (event) => {
      // while a word is being composed, Enter chooses it
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.view.requestSubmit();
    });
  }

  get hasDraft(): boolean {
    return this.#input.value.trim() !== "";
  }

  /** A message comes back to be changed, behind what is being written. */
  restore(content: string): void {
    this.#input.value = this.hasDraft ? `${this.#input.value}\n${content}` : content;
    this.#input.focus();
  }

  /** Not on a touch screen: there the focus covers half of the conversation with a keyboard. */
  welcome(): void {
    if (matchMedia("(pointer: fine)").matches) this.#input.focus();
  }
}
