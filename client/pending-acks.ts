import type { ParleyError } from "./errors.ts";

interface Settlement<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: ParleyError): void;
}

/** Promises of sends, by their key. Each settles once; a key that waits already gives the promise it has. */
export class PendingAcks<T> {
  readonly #pending = new Map<string, Settlement<T>>();

  find(clientMessageId: string): Promise<T> | undefined {
    return this.#pending.get(clientMessageId)?.promise;
  }

  add(clientMessageId: string): Promise<T> {
    const settlement = Promise.withResolvers<T>();
    this.#pending.set(clientMessageId, settlement);
    return settlement.promise;
  }

  resolve(clientMessageId: string, value: T): void {
    this.#take(clientMessageId)?.resolve(value);
  }

  reject(clientMessageId: string, error: ParleyError): void {
    this.#take(clientMessageId)?.reject(error);
  }

  #take(clientMessageId: string): Settlement<T> | undefined {
    const settlement = this.#pending.get(clientMessageId);
    this.#pending.delete(clientMessageId);
    return settlement;
  }
}
