import type { TimelineMessage } from "../client/index.ts";
import { Attachment, deletedAttachment } from "./attachment.ts";
import { arrange } from "./arrange.ts";
import { button, element } from "./element.ts";
import type { FileShelf } from "./file-shelf.ts";
import { saidSize } from "./picture-size.ts";
import { ReactionChips } from "./reaction-chips.ts";
import type { Progress } from "./progress.ts";
import { tick } from "./ticks.ts";
import { timeOfDay } from "./times.ts";

/** Who wrote a message, as the reader sees it. */
export interface Author {
  name: string;
  isMe: boolean;
  /** Whether the name is written out; those who cannot see the page hear it in any case. */
  isNamed: boolean;
}

/** What a reader can do with a message on screen. */
export interface MessageListener {
  open(opener: HTMLElement): void;
  react(emoji: string, active: boolean): void;
  nameOf(userId: string): string;
}

/** A stored message on screen, as it stands. */
export class MessageItem {
  readonly view: HTMLLIElement;
  readonly #isMine: boolean;
  readonly #listener: MessageListener;
  readonly #shelf: FileShelf;
  readonly #files = element("div", { class: "attachments" });
  readonly #attachments = new Map<string, HTMLElement>();
  readonly #name = element("strong", { dir: "auto" });
  readonly #text = element("p", { dir: "auto" });
  readonly #chips: ReactionChips;
  readonly #edited = element("span");
  readonly #spam = element("span", { class: "spam" });
  readonly #tick = element("span", { class: "ticks" });
  #progress: Progress | undefined;

  constructor(
    message: TimelineMessage,
    author: Author,
    shelf: FileShelf,
    listener: MessageListener,
  ) {
    this.#isMine = author.isMe;
    this.#listener = listener;
    this.#shelf = shelf;
    this.#chips = new ReactionChips((emoji, active) => listener.react(emoji, active));
    const dateTime = new Date(message.at).toISOString();
    const time = element("time", { dateTime }, timeOfDay(message.at));
    const actions = button("⋯", () => listener.open(actions), "quiet actions");
    actions.ariaLabel = "Actions";
    actions.ariaExpanded = "false";
    this.view = element(
      "li",
      { class: author.isMe ? "message mine" : "message" },
      this.#name,
      this.#files,
      this.#text,
      element("footer", {}, this.#spam, this.#edited, time, this.#tick),
      this.#chips.view,
      actions,
    );
    this.show(message, author);
  }

  show(message: TimelineMessage, { name, isNamed }: Author): void {
    const isGone = message.deletedAt !== undefined;
    this.#name.textContent = name;
    this.#name.className = isNamed ? "" : "unseen";
    const words = this.#isMine ? "You deleted this message." : "This message was deleted.";
    this.#text.textContent = isGone ? words : message.message.content;
    this.#showFiles(message);
    this.view.classList.toggle("gone", isGone);
    this.#edited.textContent = !isGone && message.editedAt !== undefined ? "edited" : "";
    this.#spam.textContent = !isGone && message.isSpam === true ? "marked as spam" : "";
    this.#tick.hidden = isGone;
    this.#chips.show(message.reactions, (userId) => this.#listener.nameOf(userId));
  }

  /** A file that is on screen stays the same element. */
  #showFiles({ message }: TimelineMessage): void {
    const { attachments = [], deletedAttachments = [], type, metadata } = message;
    const size = attachments.length === 1 ? saidSize(metadata) : undefined;
    for (const fileId of deletedAttachments) {
      if (this.#attachments.get(fileId)?.classList.contains("attachment") !== false)
        this.#attachments.set(fileId, deletedAttachment());
    }
    const views = attachments.map((fileId) => {
      const said = { isPicture: type === "IMAGE", size };
      const view = this.#attachments.get(fileId) ?? new Attachment(fileId, said, this.#shelf).view;
      this.#attachments.set(fileId, view);
      return view;
    });
    arrange(this.#files, views);
  }

  /** How far an own message has got. */
  mark(progress: Progress): void {
    const { state, label } = progress;
    if (this.#progress?.state === state && this.#progress.label === label) return;
    this.#progress = progress;
    this.#tick.replaceChildren(tick(progress));
  }
}
