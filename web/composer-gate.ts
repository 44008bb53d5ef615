import { element } from "./element.ts";

/** Why nothing can be written now, and perhaps the way out of it. */
export interface Closure {
  reason: string;
  remedy?: HTMLElement;
}

/** Stands in the place of the composer while nothing can be written, and says why. */
export class ComposerGate {
  readonly view = element("div", { class: "composer gate", tabIndex: -1, hidden: true });
  readonly #composer: HTMLElement;
  readonly #reason = element("p", { class: "hint", role: "status", dir: "auto" });

  constructor(composer: HTMLElement) {
    this.#composer = composer;
    this.view.append(this.#reason);
  }

  get isClosed(): boolean {
    return !this.view.hidden;
  }

  /** Undefined opens it. */
  show(closure: Closure | undefined): void {
    const hadFocus = this.#composer.contains(document.activeElement);
    this.view.hidden = closure === undefined;
    this.#composer.hidden = closure !== undefined;
    const reason = closure?.reason ?? "";
    if (this.#reason.textContent !== reason) this.#reason.textContent = reason;
    this.view.replaceChildren(this.#reason, ...(closure?.remedy ? [closure.remedy] : []));
    if (hadFocus && closure !== undefined) this.view.focus();
  }
}
