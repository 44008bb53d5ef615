/** The object's one alarm, for everybody who wants to be woken: it is set to the earliest wish and only ever moved forward. */
export class EarliestAlarm {
  readonly #storage: DurableObjectStorage;
  /** What the alarm is known to be set to; unknown after sleep. */
  #at: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  within(at: number | null): void {
    if (at === null || (this.#at !== null && this.#at <= at)) return;
    this.#at = at;
    // the write joins the turn's commit; if that fails, the object is reset and its sessions with it
    void this.#storage.setAlarm(at, { allowUnconfirmed: true });
  }

  /** To be called first when the alarm goes off. */
  fired(): void {
    this.#at = null;
  }
}
