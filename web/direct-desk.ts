import type { ConversationSession } from "../client/index.ts";
import { ComposerGate } from "./composer-gate.ts";
import type { ConversationDesk, DeskContext, DeskListener } from "./conversation-desk.ts";
import { button } from "./element.ts";
import { openMenu } from "./menu.ts";

/** Of a conversation of two: whether the other one is blocked. */
export class DirectDesk implements ConversationDesk {
  readonly opener: HTMLButtonElement;
  readonly isGone = false;
  readonly moderates = false;
  readonly #context: DeskContext;
  readonly #listener: DeskListener;
  readonly #gate: ComposerGate;
  readonly #unwatch: () => void;

  constructor(context: DeskContext, listener: DeskListener) {
    this.#context = context;
    this.#listener = listener;
    this.#gate = new ComposerGate(context.composer);
    this.opener = button("⋯", () => this.#open(), "quiet");
    this.opener.ariaLabel = "More";
    this.opener.ariaExpanded = "false";
    this.opener.hidden = true; // until it is known who the other one is
    this.#unwatch = context.blocks.watch(() => this.#show());
  }

  get views(): readonly HTMLElement[] {
    return [this.#gate.view];
  }

  attach(session: ConversationSession): void {
    session.on("welcome", () => this.#show());
  }

  stop(): void {
    this.#unwatch();
  }

  #show(): void {
    const { members, blocks, title } = this.#context;
    const { other } = members;
    this.opener.hidden = other === undefined;
    if (other === undefined || !blocks.has(other)) return this.#gate.show(undefined);
    const reason = `You have blocked ${title()}. They cannot write to you here.`;
    const remedy = button("Unblock", () => void this.#set(other, false)); // shows its own failures
    this.#gate.show({ reason, remedy });
  }

  #open(): void {
    const { members, blocks, title } = this.#context;
    const { other } = members;
    if (other === undefined) return;
    const isBlocked = blocks.has(other);
    openMenu(this.opener, this.opener.parentElement ?? this.opener, "More", (choice) => [
      choice(
        `${isBlocked ? "Unblock" : "Block"} ${title()}`,
        () => void this.#set(other, !isBlocked), // shows its own failures
      ),
    ]);
  }

  async #set(userId: string, isBlocked: boolean): Promise<void> {
    try {
      await this.#context.blocks.set(userId, isBlocked);
    } catch (error) {
      this.#listener.problem(error);
    }
  }
}
