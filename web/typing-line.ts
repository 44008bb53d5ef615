import { TYPING_MS } from "../client/index.ts";
import { element } from "./element.ts";

/** Who else is writing. Nobody stays here longer than they say so: a lost "stopped" does not matter. Rule LIV-3. */
export class TypingLine {
  readonly view = element("p", { class: "typing hint", role: "status", dir: "auto" });
  readonly #nameOf: (userId: string) => string;
  readonly #writers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(nameOf: (userId: string) => string) {
    this.#nameOf = nameOf;
  }

  put(userId: string, isWriting: boolean): void {
    clearTimeout(this.#writers.get(userId));
    if (isWriting) {
      const expire = () => this.put(userId, false);
      this.#writers.set(userId, setTimeout(expire, TYPING_MS));
    } else {
      this.#writers.delete(userId);
    }
    const text = this.#text();
    if (this.view.textContent !== text) this.view.textContent = text;
  }

  clear(): void {
    for (const userId of this.#writers.keys()) this.put(userId, false);
  }

  #text(): string {
    const [first, second, ...others] = [...this.#writers.keys()].map(this.#nameOf);
    if (first === undefined) return "";
    if (second === undefined) return `${first} is writing…`;
    return others.length === 0
      ? `${first} and ${second} are writing…`
      : "Several people are writing…";
  }
}
