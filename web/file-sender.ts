import {
  CancelledError,
  ParleyError,
  type ConversationSession,
  type FileInfo,
  type MessageInput,
  type ParleyClient,
} from "../client/index.ts";
import { chosen, type ChosenFile } from "./chosen-file.ts";
import type { FileOutbox } from "./file-outbox.ts";
import type { FileShelf } from "./file-shelf.ts";
import { notSent } from "./file-words.ts";
import type { Size } from "./picture-size.ts";
import { UnsentFile } from "./unsent-file.ts";
import type { UnsentList } from "./unsent-list.ts";

type MessageType = Exclude<MessageInput, string>["type"];

const MESSAGE_TYPES = {
  image: "IMAGE",
  video: "VIDEO",
  audio: "AUDIO",
  document: "FILE",
} as const satisfies Record<FileInfo["kind"], MessageType>;

/** Of one conversation. */
interface SenderContext {
  client: ParleyClient;
  session: ConversationSession;
  shelf: FileShelf;
  outbox: FileOutbox;
  unsent: UnsentList;
}

/** One file on its way: its key is that of the upload and of the message, so that no repeat makes a second one. */
interface Job extends ChosenFile {
  key: string;
  caption: string;
  item: UnsentFile;
  ending: AbortController;
  /** Has failed for a reason that may pass. */
  isStuck: boolean;
  stored?: FileInfo;
}

/** Sends files, each as a message of its own, one after the other in the order in which they were chosen. */
export class FileSender {
  readonly #context: SenderContext;
  readonly #jobs = new Map<string, Job>();
  #last: Promise<void> = Promise.resolve();

  constructor(context: SenderContext) {
    this.#context = context;
  }

  /** The first one carries what was written with them. */
  send(files: readonly ChosenFile[], caption: string): void {
    for (const [index, each] of files.entries()) {
      const job = this.#make(each, crypto.randomUUID(), index === 0 ? caption : "");
      const kept = { key: job.key, file: job.file, caption: job.caption };
      void this.#context.outbox.keep(this.#context.session.conversationId, kept); // it never fails
    }
  }

  /** Goes on with what a reload of the page has interrupted. */
  async restore(): Promise<void> {
    const { outbox, session } = this.#context;
    for (const { key, file, caption } of await outbox.of(session.conversationId)) {
      if (!this.#jobs.has(key)) this.#make(chosen(file), key, caption);
    }
  }

  /** The connection may be back. */
  wake(): void {
    for (const job of this.#jobs.values()) if (job.isStuck) this.#line(job);
  }

  /** Nothing goes any more. */
  stop(): void {
    for (const { ending } of this.#jobs.values()) ending.abort();
  }

  #make(each: ChosenFile, key: string, caption: string): Job {
    const item = new UnsentFile(each.file, caption, {
      cancel: () => this.#cancel(job),
      retry: () => this.#line(job),
    });
    const job: Job = {
      ...each,
      key,
      caption,
      item,
      ending: new AbortController(),
      isStuck: false,
    };
    this.#jobs.set(key, job);
    this.#context.unsent.put(key, item.view);
    void each.preview.then((preview) => preview && item.preview(preview)); // it never fails
    this.#line(job);
    return job;
  }

  #line(job: Job): void {
    job.isStuck = false;
    job.item.show(0);
    this.#last = this.#last.then(() => this.#upload(job)); // shows its own failures
  }

  async #upload(job: Job): Promise<void> {
    const { client, session, shelf } = this.#context;
    const { file, key, item, ending } = job;
    if (ending.signal.aborted) return;
    try {
      const { signal } = ending;
      const progress = (bytes: number) => item.show(bytes);
      const id = session.conversationId;
      job.stored ??= await client.files.upload(id, file, { key, signal, progress });
      shelf.put(job.stored);
      item.conclude();
      const size = (await job.preview)?.size;
      // not waited for: the next upload goes on meanwhile, and the session keeps the order of its sends
      void this.#say(job, job.stored, size); // shows its own failures
    } catch (error) {
      // to the browser, a file that has changed since is a failure of the network
      const why = (await isReadable(file)) ? error : new Error("the file has changed");
      this.#fail(job, error instanceof CancelledError ? error : why);
    }
  }

  async #say(job: Job, { fileId, kind }: FileInfo, size: Size | undefined): Promise<void> {
    const { session, outbox, unsent } = this.#context;
    const { key: clientMessageId, caption: content } = job;
    const message = {
      type: MESSAGE_TYPES[kind],
      content,
      attachments: [fileId],
      ...(size === undefined ? {} : { metadata: { ...size } }),
    };
    try {
      const { seq } = await session.send(message, { clientMessageId });
      // sent before the page was reloaded, and seen since: no event of it will come
      if (seq <= session.cursor) unsent.settle(job.key);
      this.#jobs.delete(job.key);
      void outbox.drop(job.key); // it never fails
    } catch (error) {
      this.#fail(job, error);
    }
  }

  #fail(job: Job, error: unknown): void {
    if (error instanceof CancelledError) return;
    const canRetry = error instanceof ParleyError && error.shouldRetry();
    job.isStuck = canRetry;
    job.item.fail(notSent(error, job.file), canRetry);
  }

  #cancel({ key, ending, stored }: Job): void {
    const { client, outbox, unsent } = this.#context;
    ending.abort();
    this.#jobs.delete(key);
    unsent.settle(key);
    void outbox.drop(key); // it never fails
    // one that no message shows; if it cannot be taken away now, nobody misses it
    if (stored !== undefined) void client.files.remove(stored.fileId).catch(() => undefined);
  }
}

async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
