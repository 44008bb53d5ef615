import {
  ParleyError,
  type ConversationSession,
  type ConversationSummary,
  type MessageEvent,
  type ParleyClient,
  type ReaderEvent,
  type SessionEvents,
  type TimelineMessage,
  type User,
} from "../client/index.ts";
import type { Blocks } from "./blocks.ts";
import { Composer } from "./composer.ts";
import { ConnectionBanner } from "./connection-banner.ts";
import type { ConversationDesk, DeskListener } from "./conversation-desk.ts";
import { Delivery } from "./delivery.ts";
import { DirectDesk } from "./direct-desk.ts";
import { EarlierPages } from "./earlier-pages.ts";
import { button, element } from "./element.ts";
import { takeDrops } from "./dropped-files.ts";
import type { FileOutbox } from "./file-outbox.ts";
import { FileSender } from "./file-sender.ts";
import { FileShelf } from "./file-shelf.ts";
import { inOneLine } from "./file-words.ts";
import { GroupDesk } from "./group-desk.ts";
import { Members } from "./members.ts";
import { PeopleLine } from "./people-line.ts";
import { openReportDialog } from "./report-dialog.ts";
import { Timeline } from "./timeline.ts";
import { TypingLine } from "./typing-line.ts";
import { inWords } from "./words.ts";

/** Messages shown at first, and how many more each look further back adds: some screens full. */
const PAGE = 50;

/** What the rest of the page does with an open conversation. */
export interface ConversationListener extends Pick<DeskListener, "talk" | "gone"> {
  latest(message: MessageEvent): void;
  renamed(): void;
  back(): void;
}

/** One conversation on screen: who is in it, its messages, and where to write the next one. */
export class ConversationView {
  readonly view: HTMLElement;
  readonly conversationId: string;
  readonly #heading = element("h2", { dir: "auto" });
  readonly #session: ConversationSession;
  readonly #members: Members;
  readonly #delivery: Delivery;
  readonly #timeline: Timeline;
  readonly #earlier: EarlierPages;
  readonly #composer: Composer;
  readonly #files: FileSender;
  readonly #banner = new ConnectionBanner(() => this.wake());
  readonly #people: PeopleLine;
  readonly #typing: TypingLine;
  readonly #desk: ConversationDesk;
  readonly #listener: ConversationListener;
  /** Edits, deletions and reactions without an ack. */
  #changing = 0;

  constructor(
    client: ParleyClient,
    me: User,
    {
      conversation,
      blocks,
      outbox,
    }: { conversation: ConversationSummary; blocks: Blocks; outbox: FileOutbox },
    listener: ConversationListener,
  ) {
    const { conversationId, lastSeq } = conversation;
    const isGroup = conversation.type === "group";
    this.conversationId = conversationId;
    this.#heading.textContent = conversation.name ?? "Conversation";
    this.#listener = listener;
    this.#session = client.conversation(conversationId, Math.max(0, lastSeq - PAGE));
    const members = new Members(me.userId);
    this.#members = members;
    this.#delivery = new Delivery(members, isGroup);
    this.#people = new PeopleLine(isGroup);
    this.#typing = new TypingLine((userId) => members.nameOf(userId));
    const session = this.#session;
    const shelf = new FileShelf(client.files, () => Date.now());
    // what is given to `#change` and `#send` shows its own failures
    this.#timeline = new Timeline(
      me.userId,
      conversation,
      { members, delivery: this.#delivery, shelf },
      {
        earlier: () => void this.#loadEarlier(), // shows its own failures
        retry: (clientMessageId, content) => void this.#send(clientMessageId, content),
        rewrite: (content) => this.#composer.restore(content),
        edit: (message) => this.#edit(message),
        react: (seq, emoji, active) => void this.#change(session.react(seq, emoji, active)),
        remove: (seq, scope) => void this.#change(session.remove(seq, scope)),
        moderates: () => this.#desk.moderates,
        report: (message) =>
          openReportDialog(client, conversationId, {
            seq: message.seq,
            author: members.nameOf(message.senderId),
            content: inOneLine(message),
          }),
      },
    );
    this.#earlier = new EarlierPages(client.rest, conversationId, PAGE);
    const { unsent } = this.#timeline;
    this.#files = new FileSender({ client, session, shelf, outbox, unsent });
    this.#composer = new Composer({
      send: (content) => void this.#send(crypto.randomUUID(), content),
      sendFiles: (files, caption) => {
        this.#files.send(files, caption);
        this.#timeline.scrollToEnd();
      },
      typing: (isWriting) => session.typing(isWriting),
    });
    const Desk = isGroup ? GroupDesk : DirectDesk;
    const composer = this.#composer.view;
    this.#desk = new Desk(
      { client, me, conversationId, members, blocks, composer, title: () => this.title },
      {
        talk: (userId) => listener.talk(userId),
        gone: (seq, isWanted) => listener.gone(seq, isWanted),
        problem: (error) => this.#banner.showProblem(inWords(error)),
      },
    );
    this.view = this.#layOut();
    takeDrops(
      this.view,
      () => this.#composer.canTakeFiles,
      (dropped) => this.#composer.receive(dropped),
    );
  }

  get title(): string {
    return this.#heading.textContent;
  }

  /** Whether something would be lost if this were closed now. */
  get holdsUnsent(): boolean {
    if (this.isGone) return false;
    return !this.#timeline.unsent.isEmpty || this.#changing > 0 || this.#composer.hasDraft;
  }

  /** The user is no member of it any more. */
  get isGone(): boolean {
    return this.#desk.isGone;
  }

  open(): void {
    const session = this.#session;
    session.on("welcome", (welcome) => this.#greet(welcome));
    session.on("events", (events) => this.#take(events));
    session.on("reset", () => {
      this.#timeline.clear();
      this.#delivery.clear();
    });
    session.on("receipts", (receipts) => {
      this.#delivery.tell(receipts);
      this.#timeline.mark();
    });
    session.on("receiptCounts", (counts) => {
      this.#delivery.count(counts);
      this.#timeline.mark();
    });
    session.on("typing", ({ userId, active }) => this.#typing.put(userId, active));
    session.on("presence", ({ userId, online }) => {
      this.#members.setOnline(userId, online);
      this.#people.show(this.#members);
      if (!online) this.#typing.put(userId, false);
    });
    session.on("hidden", ({ target }) => this.#timeline.hide(target));
    session.on("state", (state) => this.#banner.show(state));
    this.#desk.attach(session);
    session.on("error", (error) => {
      if (!this.isGone) this.#banner.showProblem(inWords(error));
    });
    session.open();
    void this.#files.restore(); // it never fails
  }

  /** It has come to the screen. */
  welcome(): void {
    this.#composer.welcome();
    this.read();
  }

  /** What is on screen in the window that somebody works in counts as read. */
  read(): void {
    if (this.view.isConnected && document.hasFocus()) this.#session.markRead(this.#session.cursor);
  }

  wake(): void {
    this.#session.wake();
    if (navigator.onLine) this.#files.wake();
    this.#banner.show(this.#session.state);
  }

  close(): void {
    this.#typing.clear();
    this.#desk.stop();
    this.#files.stop();
    this.#session.close();
  }

  #layOut(): HTMLElement {
    const back = button("←", () => this.#listener.back(), "quiet back");
    back.ariaLabel = "Back to the list";
    return element(
      "section",
      { class: "conversation", ariaLabel: this.title },
      element(
        "header",
        {},
        back,
        element("div", {}, this.#heading, this.#people.view),
        this.#desk.opener,
      ),
      this.#banner.view,
      this.#timeline.view,
      this.#typing.view,
      this.#composer.view,
      ...this.#desk.views,
    );
  }

  #greet(welcome: SessionEvents["welcome"]): void {
    this.#members.welcome(welcome);
    this.#delivery.tell(welcome.receipts);
    this.#people.show(this.#members);
    this.#timeline.start(welcome.from);
    this.#rename(welcome.conversation.name);
  }

  /** A direct conversation has no name of its own, and most changes of settings leave it. */
  #rename(name: string | null | undefined): void {
    if (name == null || name === this.title) return;
    this.#heading.textContent = name;
    this.view.ariaLabel = name;
    this.#listener.renamed();
  }

  #take(events: readonly ReaderEvent[]): void {
    this.#members.apply(events);
    if (events.some(({ type }) => type === "membership")) this.#people.show(this.#members);
    this.#earlier.note(events);
    this.#timeline.add(events);
    for (const event of events) {
      if (event.type === "message") this.#typing.put(event.senderId, false);
      if (event.type === "settings") this.#rename(event.settings.name);
    }
    const last = events.findLast((event) => event.type === "message");
    if (last !== undefined) this.#listener.latest(last);
    this.read();
    if (this.#timeline.isBare) void this.#loadEarlier(); // shows its own failures
  }

  async #send(clientMessageId: string, content: string): Promise<void> {
    const { unsent } = this.#timeline;
    unsent.wait(clientMessageId, content);
    this.#timeline.scrollToEnd();
    try {
      await this.#session.send({ content }, { clientMessageId });
    } catch (error) {
      const canRetry = error instanceof ParleyError && error.shouldRetry();
      unsent.fail(clientMessageId, inWords(error), canRetry);
    }
  }

  /** What could not be saved comes back to be changed. */
  #edit({ seq, message }: TimelineMessage): void {
    this.#composer.edit(message.content, async (content) => {
      const isSaved = await this.#change(this.#session.edit(seq, content));
      if (!isSaved) this.#composer.restore(content);
    });
  }

  /** Answers whether the change is stored; if not, the reason is on screen. */
  async #change(stored: Promise<unknown>): Promise<boolean> {
    this.#changing += 1;
    try {
      await stored;
      return true;
    } catch (error) {
      this.#banner.showProblem(inWords(error));
      return false;
    } finally {
      this.#changing -= 1;
    }
  }

  async #loadEarlier(): Promise<void> {
    const before = this.#timeline.from;
    if (before === undefined) return;
    try {
      const { events, from } = await this.#earlier.read(before);
      // a second click asks for the same page; the first answer wins
      if (this.#timeline.from === before) this.#timeline.addEarlier(events, from);
    } catch (error) {
      this.#banner.showProblem(inWords(error));
    }
  }
}
