import { drawPreview, type Preview } from "./chosen-file.ts";
import { button, element } from "./element.ts";
import { fileIcon } from "./file-icon.ts";
import { bytesInWords } from "./file-words.ts";
import { roomFor } from "./picture-size.ts";
import { tick } from "./ticks.ts";

/** What its owner can do about a file on its way. */
export interface UnsentFileListener {
  /** Also of one that has failed: it is given up. */
  cancel(): void;
  retry(): void;
}

/** An own file that is not sent yet, and how far it is. */
export class UnsentFile {
  readonly view: HTMLLIElement;
  readonly #file: File;
  readonly #listener: UnsentFileListener;
  readonly #picture = element("div", { class: "attachment" });
  readonly #bar: HTMLProgressElement;
  /** The bar says it to those who cannot see it; as text it would be read out at every step. */
  readonly #amount = element("span", { ariaHidden: "true" });
  readonly #foot = element("footer");

  constructor(file: File, caption: string, listener: UnsentFileListener) {
    this.#file = file;
    this.#listener = listener;
    this.#bar = element("progress", { max: Math.max(1, file.size), value: 0 });
    this.#bar.ariaLabel = `Sending ${file.name}`;
    const name = element("span", { class: "file-name", dir: "auto" }, file.name);
    const size = element("span", { class: "hint" }, bytesInWords(file.size));
    this.#picture.append(element("div", { class: "file" }, fileIcon(), name, size));
    this.view = element(
      "li",
      { class: "message mine sending" },
      element("strong", { class: "unseen" }, "You"),
      this.#picture,
      element("p", { dir: "auto" }, caption),
      this.#bar,
      this.#foot,
    );
    this.show(0);
  }

  /** As large as it will be once it is sent. */
  preview(preview: Preview): void {
    const canvas = drawPreview(preview);
    const { width, height } = roomFor(preview.size);
    canvas.style.width = `${width}px`;
    canvas.style.aspectRatio = `${width} / ${height}`;
    canvas.setAttribute("role", "img");
    canvas.ariaLabel = this.#file.name;
    this.#picture.replaceChildren(canvas);
  }

  /** So many of its bytes have gone. */
  show(bytes: number): void {
    this.#bar.value = bytes;
    const { size } = this.#file;
    const text = bytes === 0 ? "Waiting" : `${bytesInWords(bytes)} of ${bytesInWords(size)}`;
    this.#amount.textContent = text;
    if (!this.#foot.contains(this.#amount)) this.#showWaiting();
  }

  /** All of it has gone: what is left is to say so in the conversation, which cannot be cancelled. */
  conclude(): void {
    this.#bar.hidden = true;
    this.#foot.replaceChildren(tick({ state: "waiting" }));
  }

  fail(reason: string, canRetry: boolean): void {
    this.#bar.hidden = true;
    this.view.classList.add("failed");
    const remedies = [
      ...(canRetry ? [this.#act("Try again", () => this.#listener.retry())] : []),
      this.#act("Discard", () => this.#listener.cancel()),
    ];
    this.#foot.replaceChildren(
      tick({ state: "failed" }),
      element("span", { role: "alert" }, reason),
      ...remedies,
    );
  }

  #showWaiting(): void {
    this.#bar.hidden = false;
    this.view.classList.remove("failed");
    const cancel = this.#act("Cancel", () => this.#listener.cancel());
    this.#foot.replaceChildren(tick({ state: "waiting" }), this.#amount, cancel);
  }

  #act(label: string, press: () => void): HTMLButtonElement {
    const made = button(label, press, "quiet");
    made.ariaLabel = `${label}: ${this.#file.name}`;
    return made;
  }
}
