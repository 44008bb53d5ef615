import { element } from "./element.ts";
import { UnsentItem } from "./unsent-item.ts";

/** What the writer of messages can ask of those that are not stored yet. */
export interface UnsentListener {
  retry(clientMessageId: string, content: string): void;
  rewrite(content: string): void;
}

/** Own messages on their way, in the order of their writing. */
export class UnsentList {
  readonly view = element("ol");
  readonly #listener: UnsentListener;
  readonly #waiting = new Map<string, UnsentItem>();
  readonly #files = new Map<string, HTMLElement>();

  constructor(listener: UnsentListener) {
    this.#listener = listener;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#files.size === 0;
  }

  /** A file on its way, which shows itself how far it is. */
  put(clientMessageId: string, view: HTMLElement): void {
    this.#files.set(clientMessageId, view);
    this.view.append(view);
  }

  /** On its way; again for one that had failed. */
  wait(clientMessageId: string, content: string): void {
    this.settle(clientMessageId);
    const item = new UnsentItem(content);
    this.#waiting.set(clientMessageId, item);
    this.view.append(item.view);
  }

  fail(clientMessageId: string, reason: string, canRetry: boolean): void {
    const item = this.#waiting.get(clientMessageId);
    if (item === undefined) return;
    const { content } = item;
    const retry = () => this.#listener.retry(clientMessageId, content);
    const edit = () => {
      this.settle(clientMessageId);
      this.#listener.rewrite(content);
    };
    item.fail(
      reason,
      canRetry ? { label: "Try again", apply: retry } : { label: "Edit", apply: edit },
    );
  }

  /** It is stored, or given up. */
  settle(clientMessageId: string): void {
    this.#waiting.get(clientMessageId)?.view.remove();
    this.#waiting.delete(clientMessageId);
    this.#files.get(clientMessageId)?.remove();
    this.#files.delete(clientMessageId);
  }
}
