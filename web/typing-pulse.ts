import { TYPING_MS } from "../client/index.ts";

/** Turns keystrokes into what others are told: at the first one, again while it goes on, and at the end. Rule LIV-3. */
export class TypingPulse {
  readonly #tell: (isWriting: boolean) => void;
  #toldAt: number | undefined;

  constructor(tell: (isWriting: boolean) => void) {
    this.#tell = tell;
  }

  beat(): void {
    const now = performance.now();
    if (this.#toldAt !== undefined && now - this.#toldAt < TYPING_MS / 2) return;
    this.#toldAt = now;
    this.#tell(true);
  }

  stop(): void {
    if (this.#toldAt === undefined) return;
    this.#toldAt = undefined;
    this.#tell(false);
  }
}
