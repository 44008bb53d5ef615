import { thumbnailUrl, type FileInfo, type ParleyError } from "../client/index.ts";
import { button, element } from "./element.ts";
import { fileIcon } from "./file-icon.ts";
import type { FileShelf } from "./file-shelf.ts";
import { bytesInWords } from "./file-words.ts";
import { openPicture } from "./picture-dialog.ts";
import { roomFor, type Size } from "./picture-size.ts";
import { whenSeen } from "./when-seen.ts";
import { inWords } from "./words.ts";

/** What its message says of a file. */
interface Said {
  isPicture: boolean;
  size: Size | undefined;
}

/**
 * A file of a message. What it is is asked for when it comes on screen; its place is as large before as after, so that
 * nothing moves under the reader.
 */
export class Attachment {
  readonly view = element("div", { class: "attachment" });
  readonly #fileId: string;
  readonly #said: Said;
  readonly #shelf: FileShelf;

  constructor(fileId: string, said: Said, shelf: FileShelf) {
    this.#fileId = fileId;
    this.#said = said;
    this.#shelf = shelf;
    this.view.append(said.isPicture ? this.#frame() : this.#row("…", ""));
    whenSeen(this.view, () => void this.#load()); // shows its own failures
  }

  async #load(): Promise<void> {
    try {
      const file = await this.#shelf.read(this.#fileId);
      const isPicture = this.#said.isPicture && file.thumbnailUrl !== null;
      this.view.replaceChildren(isPicture ? this.#picture(file) : this.#link(file));
    } catch (error) {
      this.#showFailure(error);
    }
  }

  #picture(file: FileInfo): HTMLElement {
    const image = element("img", { alt: file.name, decoding: "async", draggable: false });
    const { width, height } = roomFor(this.#said.size);
    [image.width, image.height] = [width, height];
    // first what is small, then the picture itself, at last its name
    const whole = () => {
      image.addEventListener("error", () => this.view.replaceChildren(this.#link(file)), {
        once: true,
      });
      image.srcset = "";
      image.src = file.url;
    };
    image.addEventListener("error", whole, { once: true });
    image.srcset = `${thumbnailUrl(file, "medium")} 1x, ${thumbnailUrl(file, "large")} 2x`;
    const opener = button("", () => void this.#open(), "picture"); // shows its own failures
    opener.ariaLabel = `Open ${file.name}`;
    opener.append(image);
    return opener;
  }

  async #open(): Promise<void> {
    try {
      openPicture(await this.#shelf.read(this.#fileId));
    } catch (error) {
      this.#showFailure(error);
    }
  }

  #link(file: FileInfo): HTMLElement {
    const link = element("a", { class: "file", href: file.downloadUrl, download: file.name });
    link.append(...this.#labels(file.name, bytesInWords(file.size)));
    link.addEventListener("click", (event) => {
      if (this.#shelf.isFresh(this.#fileId)) return;
      event.preventDefault();
      void this.#renew(link); // shows its own failures
    });
    return link;
  }

  async #renew(link: HTMLAnchorElement): Promise<void> {
    try {
      link.href = (await this.#shelf.read(this.#fileId)).downloadUrl;
      link.click();
    } catch (error) {
      this.#showFailure(error);
    }
  }

  #showFailure(error: unknown): void {
    // the reason is one of the SDK's: nothing else fails here
    const { code } = error as ParleyError;
    if (code === "NOT_FOUND") {
      this.view.replaceChildren(this.#row("This file is not there any more.", ""));
      return;
    }
    const retry = button("Try again", () => void this.#load(), "quiet"); // shows its own failures
    this.view.replaceChildren(this.#row(inWords(error), ""), retry);
  }

  #frame(): HTMLElement {
    const { width, height } = roomFor(this.#said.size);
    const frame = element("div", { class: "picture frame" });
    frame.style.width = `${width}px`;
    frame.style.aspectRatio = `${width} / ${height}`;
    return frame;
  }

  #row(name: string, hint: string): HTMLElement {
    return element("div", { class: "file" }, ...this.#labels(name, hint));
  }

  #labels(name: string, hint: string): Node[] {
    const words = element("span", { class: "file-name", dir: "auto" }, name);
    return [fileIcon(), words, element("span", { class: "hint" }, hint)];
  }
}

/** In the place of a file that was deleted. */
export function deletedAttachment(): HTMLElement {
  return element("div", { class: "file hint" }, fileIcon(), "This file was deleted.");
}
