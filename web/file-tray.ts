import { FILE_BYTES } from "../client/index.ts";
import { chosen, drawPreview, type ChosenFile } from "./chosen-file.ts";
import { filesOf } from "./dropped-files.ts";
import { button, element } from "./element.ts";
import { fileIcon } from "./file-icon.ts";
import { bytesInWords, tooLarge } from "./file-words.ts";

/** Files that were chosen and wait to be sent with what is being written. */
export class FileTray {
  readonly view = element("div", { class: "tray", hidden: true });
  readonly #list = element("ul", { ariaLabel: "Files to send" });
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #focusBack: () => void;
  readonly #chosen = new Map<HTMLElement, ChosenFile>();

  constructor(focusBack: () => void) {
    this.#focusBack = focusBack;
    this.view.append(this.#list, this.#problem);
  }

  get isEmpty(): boolean {
    return this.#chosen.size === 0;
  }

  /** What was pasted or dropped. */
  receive(transfer: DataTransfer): void {
    const { files, hasFolders } = filesOf(transfer);
    this.add(files);
    if (hasFolders) this.#say("A folder cannot be sent. Choose the files in it.");
  }

  add(files: Iterable<File>): void {
    this.#say("");
    for (const file of files) {
      if (file.size > FILE_BYTES) this.#say(tooLarge(file));
      else this.#put(chosen(file));
    }
    this.#focusBack();
  }

  /** They go. */
  take(): ChosenFile[] {
    const files = [...this.#chosen.values()];
    this.#chosen.clear();
    this.#list.replaceChildren();
    this.#say("");
    return files;
  }

  #put(each: ChosenFile): void {
    const { name, size } = each.file;
    const picture = element("span", { class: "thumb" }, fileIcon());
    const remove = button("×", () => this.#remove(row), "quiet");
    remove.ariaLabel = `Remove ${name}`;
    const row = element(
      "li",
      {},
      picture,
      element("span", { class: "file-name", dir: "auto" }, name),
      element("span", { class: "hint" }, bytesInWords(size)),
      remove,
    );
    void each.preview.then((preview) => {
      if (preview !== undefined) picture.replaceChildren(drawPreview(preview));
    }); // it never fails
    this.#chosen.set(row, each);
    this.#list.append(row);
    this.#show();
  }

  #remove(row: HTMLElement): void {
    this.#chosen.delete(row);
    row.remove();
    this.#say("");
    this.#focusBack();
  }

  #say(problem: string): void {
    this.#problem.textContent = problem;
    this.#show();
  }

  #show(): void {
    this.view.hidden = this.isEmpty && this.#problem.textContent === "";
  }
}
