/** Larger ones are not kept: to copy them would take longer than people wait. */
const KEPT_BYTES = 104_857_600;
const WINDOW_KEY = "parley.window";
const STORE = "files";

/** A file that was not sent when it was kept. */
export interface KeptFile {
  key: string;
  file: File;
  caption: string;
}

interface Row extends KeptFile {
  /** Which window is sending it, for whom, and where. */
  place: string;
  at: number;
}

/** Longest that a window that does not come back is waited for, in ms. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Keeps the files that this window is sending over a reload of the page. What cannot be kept, e.g. because the browser
 * lets pages keep nothing, is sent all the same.
 */
export class FileOutbox {
  readonly #owner: string;
  readonly #base: Promise<IDBDatabase | undefined>;
  /** When the last one was kept: those of one moment keep their order too. */
  #lastAt = 0;

  constructor(userId: string) {
    const windowId = sessionStorage.getItem(WINDOW_KEY) ?? crypto.randomUUID();
    sessionStorage.setItem(WINDOW_KEY, windowId);
    this.#owner = `${windowId} ${userId}`;
    this.#base = openBase().catch(() => undefined);
  }

  async keep(conversationId: string, kept: KeptFile): Promise<void> {
    if (kept.file.size > KEPT_BYTES) return;
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const row: Row = { ...kept, place: this.#place(conversationId), at: this.#lastAt };
    await this.#run("readwrite", (store) => store.put(row));
  }

  async drop(key: string): Promise<void> {
    await this.#run("readwrite", (store) => store.delete(key));
  }

  /** In the order in which they were chosen. */
  async of(conversationId: string): Promise<KeptFile[]> {
    const place = this.#place(conversationId);
    const rows = await this.#rows();
    return rows.filter((row) => row.place === place).toSorted((one, other) => one.at - other.at);
  }

  /** Forgets what this window keeps, and what others have left behind. */
  async clear(): Promise<void> {
    const now = Date.now();
    for (const { key, place, at } of await this.#rows()) {
      if (place.startsWith(this.#owner) || now - at > FORGOTTEN_MS) await this.drop(key);
    }
  }

  #place(conversationId: string): string {
    return `${this.#owner} ${conversationId}`;
  }

  async #rows(): Promise<Row[]> {
    return (await this.#run<Row[]>("readonly", (store) => store.getAll())) ?? [];
  }

  async #run<T>(
    mode: IDBTransactionMode,
    act: (store: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T | undefined> {
    const base = await this.#base;
    if (base === undefined) return undefined;
    try {
      return await answerOf(act(base.transaction(STORE, mode).objectStore(STORE)));
    } catch {
      return undefined;
    }
  }
}

function openBase(): Promise<IDBDatabase> {
  const request = indexedDB.open("parley", 1);
  request.addEventListener("upgradeneeded", () => {
    request.result.createObjectStore(STORE, { keyPath: "key" });
  });
  return answerOf(request);
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("it failed")));
  });
}
