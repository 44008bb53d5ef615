import * as v from "valibot";
import { decodePayload, encodePayload, type Frame } from "../../core/engine-io/packet.ts";
import { pollingSchema, type PollingRecord } from "./session-record.ts";

const SESSION = "polling:";
const OUTBOX = "outbox:";
/** Digits that keep the parts of an outbox in order as keys. */
const PART_DIGITS = 9;
/** The platform's bound. */
const KEYS_PER_DELETE = 128;

/**
 * Keeps sessions that poll while their object sleeps. A client whose session is lost in a crash opens another, so no answer
 * waits for these writes to be durable.
 */
export class PollingStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Every polling session with what waits for it; records of another version are left alone. */
  load(): { record: PollingRecord; outbox: Frame[] }[] {
    return [...this.#storage.kv.list({ prefix: SESSION })]
      .map(([, record]) => v.safeParse(pollingSchema, record))
      .flatMap((parsed) => (parsed.success ? [parsed.output] : []))
      .map((record) => ({ record, outbox: this.#outbox(record.sid) }));
  }

  save(record: PollingRecord): void {
    this.#put(`${SESSION}${record.sid}`, record);
  }

  delete(sid: string): void {
    this.#delete([`${SESSION}${sid}`]);
  }

  /** Adds a part of the payload that waits for the session's next GET; `n` orders the parts. */
  append(sid: string, n: number, frames: readonly Frame[]): void {
    const part = String(n).padStart(PART_DIGITS, "0");
    this.#put(`${OUTBOX}${sid}:${part}`, encodePayload(frames));
  }

  clear(sid: string): void {
    const keys = this.#parts(sid).map(([key]) => key);
    for (let at = 0; at < keys.length; at += KEYS_PER_DELETE) {
      this.#delete(keys.slice(at, at + KEYS_PER_DELETE));
    }
  }

  #outbox(sid: string): Frame[] {
    return this.#parts(sid).flatMap(([, payload]) => decodePayload(payload) ?? []);
  }

  #parts(sid: string): [key: string, payload: string][] {
    return [...this.#storage.kv.list<string>({ prefix: `${OUTBOX}${sid}:` })];
  }

  #put(key: string, value: unknown): void {
    // if the write fails, the object is reset and the session with it
    void this.#storage.put(key, value, { allowUnconfirmed: true });
  }

  #delete(keys: string[]): void {
    // as above
    void this.#storage.delete(keys, { allowUnconfirmed: true });
  }
}
