/**
 * How much a reader was sent since it last proved that it reads. The runtime queues without bound and does not say how
 * much it holds, so the reader is asked: one who answers has read all that came before the question. Kept in memory only:
 * an object that sleeps has sent nothing for a while. Rule LIM-9.
 */
export class ReadingProof {
  /** UTF-16 units sent since the last question that was answered. */
  #owed = 0;
  /** Those of them after the question that is open; null when none is. */
  #afterQuestion: number | null = null;

  get owed(): number {
    return this.#owed;
  }

  /** Whether so much was sent that it is time to ask. */
  get isDue(): boolean {
    return this.#afterQuestion === null && this.#owed >= ASK_AFTER_UNITS;
  }

  sent(units: number): void {
    this.#owed += units;
    if (this.#afterQuestion !== null) this.#afterQuestion += units;
  }

  ask(): void {
    this.#afterQuestion = 0;
  }

  /** Nobody is there to answer it any more: what was sent stays owed, and the next question asks for all of it. */
  withdraw(): void {
    this.#afterQuestion = null;
  }

  /** An answer without a question proves nothing. */
  answered(): void {
    if (this.#afterQuestion === null) return;
    this.#owed = this.#afterQuestion;
    this.#afterQuestion = null;
  }
}

/** A quarter of what a reader may owe: at a chat's pace the answer is there long before the rest is sent. */
const ASK_AFTER_UNITS = 262_144;
