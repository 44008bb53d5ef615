import { button, element } from "./element.ts";
import { inWords } from "./words.ts";

/** What a dialog asks, and what its answer does. */
export interface Question {
  title: string;
  /** Under the title: text, and fields. */
  body: readonly (Node | string)[];
  /** On the button that does it. */
  submit: string;
  /** It cannot be taken back. */
  isGrave?: boolean;
  /** Closes the dialog when it succeeds; a failure is shown in it. */
  act: () => Promise<void>;
}

/** A modal form that does one thing, or is cancelled. The focus goes back to where it was. */
export class FormDialog {
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #submit: HTMLButtonElement;
  readonly #form: HTMLFormElement;
  readonly #dialog: HTMLDialogElement;
  readonly #act: () => Promise<void>;

  constructor({ title, body, submit, isGrave = false, act }: Question) {
    this.#act = act;
    this.#submit = element("button", { type: "submit", class: isGrave ? "grave" : "" }, submit);
    const cancel = button("Cancel", () => this.#dialog.close(), "quiet");
    const buttons = element("div", { class: "buttons" }, cancel, this.#submit);
    this.#form = element("form", {}, element("h2", { dir: "auto" }, title), ...body);
    this.#form.append(this.#problem, buttons);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(); // shows its own failures
    });
    this.#dialog = element("dialog", { ariaLabel: title }, this.#form);
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
  }

  /** Whether the answer can be given now. */
  set isReady(isReady: boolean) {
    this.#submit.disabled = !isReady;
  }

  open(): void {
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  /** Says how it went, in place of the question. */
  conclude(text: string): void {
    const close = button("Close", () => this.#dialog.close());
    this.#form.replaceChildren(
      element("p", { role: "status" }, text),
      element("div", { class: "buttons" }, close),
    );
    close.focus();
  }

  close(): void {
    this.#dialog.close();
  }

  async #send(): Promise<void> {
    this.#submit.disabled = true;
    this.#problem.textContent = "";
    try {
      await this.#act();
    } catch (error) {
      this.#problem.textContent = inWords(error);
    } finally {
      this.#submit.disabled = false;
    }
  }
}
