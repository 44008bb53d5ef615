import type { ChosenFile } from "./chosen-file.ts";
import { holdsFiles } from "./dropped-files.ts";
import { button, element } from "./element.ts";
import { attachButton } from "./file-icon.ts";
import { FileTray } from "./file-tray.ts";
import { TypingPulse } from "./typing-pulse.ts";

/** What becomes of what is written. */
export interface ComposerListener {
  send(content: string): void;
  sendFiles(files: readonly ChosenFile[], caption: string): void;
  typing(isWriting: boolean): void;
}

/** While an own message is rewritten: who takes it, and the new message that waits meanwhile. */
interface Editing {
  save(content: string): void;
  draft: string;
}

/** Where a message is written, or an own one rewritten. Enter sends, Shift+Enter breaks the line. */
export class Composer {
  readonly view: HTMLFormElement;
  readonly #listener: ComposerListener;
  readonly #pulse: TypingPulse;
  readonly #input = element("textarea", {
    rows: 1,
    dir: "auto",
    placeholder: "Write a message",
    ariaLabel: "Message",
    enterKeyHint: "send",
  });
  readonly #submit = element("button", { type: "submit" }, "Send");
  readonly #tray = new FileTray(() => this.#input.focus());
  readonly #attach = attachButton((files) => this.#tray.add(files));
  readonly #strip = element("div", { class: "editing hint", hidden: true });
  #editing: Editing | undefined;

  constructor(listener: ComposerListener) {
    this.#listener = listener;
    this.#pulse = new TypingPulse((isWriting) => listener.typing(isWriting));
    this.#strip.append(
      element("span", { role: "status" }, "You are editing a message."),
      button("Cancel", () => this.#endEditing(), "quiet"),
    );
    this.view = element("form", { class: "composer" }, this.#strip, this.#tray.view);
    this.view.append(this.#attach, this.#input, this.#submit);
    this.view.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take();
    });
    this.#input.addEventListener("keydown", (event) => this.#press(event));
    this.#input.addEventListener("paste", (event) => {
      if (!this.canTakeFiles || !holdsFiles(event.clipboardData)) return;
      const { types } = event.clipboardData;
      // what is copied from a text program comes as a picture too
      if (types.includes("text/plain") && types.includes("text/html")) return;
      event.preventDefault();
      this.receive(event.clipboardData);
    });
    this.#input.addEventListener("input", () => {
      if (this.#input.value === "") this.#pulse.stop();
      else if (this.#editing === undefined) this.#pulse.beat();
    });
  }

  get hasDraft(): boolean {
    if (!this.#tray.isEmpty) return true;
    return this.#input.value.trim() !== "" || (this.#editing?.draft ?? "").trim() !== "";
  }

  /** Not while there is nothing to be written, or an old message is changed. */
  get canTakeFiles(): boolean {
    return !this.view.hidden && this.#editing === undefined;
  }

  /** Files that were dropped or pasted. */
  receive(transfer: DataTransfer): void {
    this.#tray.receive(transfer);
  }

  /** A message comes back to be changed, behind what is being written. */
  restore(content: string): void {
    const behind = (draft: string) => (draft.trim() === "" ? content : `${draft}\n${content}`);
    if (this.#editing === undefined) this.#input.value = behind(this.#input.value);
    else this.#editing.draft = behind(this.#editing.draft);
    this.#input.focus();
  }

  /** Takes the place of what is being written until it is saved or cancelled. */
  edit(content: string, save: (content: string) => void): void {
    this.#pulse.stop();
    const draft = this.#editing?.draft ?? this.#input.value;
    this.#show(content, { save, draft });
  }

  /** Not on a touch screen: there the focus covers half of the conversation with a keyboard. */
  welcome(): void {
    if (matchMedia("(pointer: fine)").matches) this.#input.focus();
  }

  #press(event: KeyboardEvent): void {
    if (event.isComposing) return; // while a word is being composed, Enter chooses it
    if (event.key === "Escape" && this.#editing !== undefined) this.#endEditing();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.view.requestSubmit();
  }

  #take(): void {
    const content = this.#input.value.trim();
    const editing = this.#editing;
    const files = editing === undefined ? this.#tray.take() : [];
    if (content === "" && files.length === 0) return;
    this.#pulse.stop();
    this.#show(editing?.draft ?? "", undefined);
    if (editing !== undefined) editing.save(content);
    else if (files.length > 0) this.#listener.sendFiles(files, content);
    else this.#listener.send(content);
  }

  #endEditing(): void {
    this.#show(this.#editing?.draft ?? "", undefined);
  }

  #show(content: string, editing: Editing | undefined): void {
    this.#editing = editing;
    this.#strip.hidden = editing === undefined;
    this.#attach.hidden = editing !== undefined;
    this.#submit.textContent = editing === undefined ? "Send" : "Save";
    this.#input.value = content;
    this.#input.focus();
  }
}
