import { evictDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import { renewed } from "../../../core/visibility.ts";
import type { OtherChange } from "../../../core/changes/change.ts";
import type { KeyedChange } from "../../../core/sequencer.ts";
import type { MessageBody } from "../../../protocol/message.ts";
import { asMember } from "../../support/changes.ts";
import { MemoryConversation } from "../../support/memory-conversation.ts";
import { foundGroup, user, valueOf, type TestConversation } from "./conversations.ts";

export type Step =
  | { type: "say"; by: string; mentions: string[]; count: number; ifLast: boolean | undefined }
  | { type: "change"; by: string; change: OtherChange }
  | { type: "hide"; by: string; target: number }
  | { type: "receive"; by: string; read: number; delivered: number }
  | { type: "block"; by: string; blocked: string; active: boolean }
  | { type: "repeat" }
  | { type: "evict"; webSockets: "hibernate" | "close" };

interface Attempt {
  by: string;
  changes: readonly [KeyedChange, ...KeyedChange[]];
  ifLastSeq: number | undefined;
}

/** A conversation in the runtime, and beside it what it must be equal to. */
export class ModelledConversation {
  readonly #real: TestConversation;
  readonly #model: MemoryConversation;
  readonly #hidden = new Set<string>();
  readonly #cursors = new Map<string, { read: number; delivered: number }>();
  #last: Attempt | null = null;
  #keys = 0;
  #visibility = 0;

  private constructor(real: TestConversation, members: readonly string[]) {
    this.#real = real;
    this.#model = new MemoryConversation(
      Object.fromEntries(members.map((id, index) => [id, index === 0 ? "owner" : "member"])),
    );
  }

  static async found(members: readonly string[]): Promise<ModelledConversation> {
    return new ModelledConversation(await foundGroup(members), members);
  }

  get head(): number {
    return this.#model.head;
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case "say":
        return this.#attempt(this.#saying(step));
      case "change":
        return this.#attempt({
          by: step.by,
          changes: [{ clientMessageId: this.#key(), change: step.change }],
          ifLastSeq: undefined,
        });
      case "repeat":
        return this.#last === null ? undefined : this.#attempt(this.#last);
      case "hide":
        return this.#hide(step.by, step.target);
      case "receive":
        return this.#receive(step.by, step);
      case "block":
        return this.#block(step);
      case "evict":
        await this.#real.rpc.view(user("nobody")); // only what runs can be evicted
        return evictDurableObject(this.#real.stub, { webSockets: step.webSockets });
    }
  }

  /** As an Inbox tells it: the whole list, newer than the one before. */
  async #block({ by, blocked, active }: Extract<Step, { type: "block" }>): Promise<void> {
    const { blocks, members } = this.#model;
    if (members.has(by)) {
      if (active) blocks.add(`${by}>${blocked}`);
      else blocks.delete(`${by}>${blocked}`);
    }
    const all = [...blocks].filter((pair) => pair.startsWith(`${by}>`));
    this.#visibility = renewed(this.#visibility);
    await this.#real.rpc.setAppearance(user(by), {
      visibility: this.#visibility,
      blocked: all.map((pair) => pair.slice(by.length + 1)),
    });
  }

  /** Whole values: what each of these people is shown must be what the model says. */
  async compare(people: readonly string[]): Promise<void> {
    for (const person of people) {
      const view = await this.#real.rpc.view(user(person));
      const member = this.#model.member(person);
      if (member === undefined) {
        expect(view).toMatchObject({ ok: false, error: { code: "NOT_FOUND" } });
        continue;
      }
      const { head, memberCount, myRole, name, settings, me } = valueOf(view);
      expect({ head, memberCount, myRole, name, settings, me }).toEqual({
        head: this.#model.head,
        memberCount: this.#model.memberCount(),
        myRole: member.role,
        name: this.#model.profile.name,
        settings: this.#model.profile.settings,
        me: { ...this.#cursor(person), ...this.#unread(person), mutedUntil: member.mutedUntil },
      });
      expect(await this.#events(person)).toEqual(this.#expectedEvents(person, member.historyFrom));
    }
  }

  async #attempt(attempt: Attempt): Promise<void> {
    this.#last = attempt;
    const { by, changes, ifLastSeq } = attempt;
    const actor = asMember(by);
    const group = this.#model.append([{ actor, changes, ifLastSeq }], Date.now());
    const [expected] = group.outcomes;
    for (const { type, senderId, seq } of group.rows) {
      if (type === "message") this.#move(senderId, { read: seq, delivered: seq });
    }
    for (const effect of group.effects) {
      if (effect.type === "dropMember") this.#cursors.delete(effect.userId);
    }
    const [{ clientMessageId, change }] = changes;
    const real =
      change.type === "message"
        ? await this.#real.rpc.append(actor, {
            sends: toSends(changes),
            ...(ifLastSeq === undefined ? {} : { ifLastSeq }),
          })
        : await this.#real.rpc.change(actor, clientMessageId, change);
    if (expected?.ok === true) {
      const places = [valueOf<unknown, unknown>(real)].flat();
      expect(places).toMatchObject(expected.value.map(({ seq, repeated }) => ({ seq, repeated })));
    } else {
      expect(real).toMatchObject({ ok: false, error: { code: expected?.error.code } });
    }
  }

  async #hide(by: string, target: number): Promise<void> {
    const real = await this.#real.rpc.hide(user(by), target);
    const member = this.#model.member(by);
    const isThere =
      member !== undefined && target > member.historyFrom && this.#model.messages.has(target);
    expect(real.ok).toBe(isThere);
    if (isThere) this.#hidden.add(`${by}:${target}`);
  }

  async #receive(by: string, receipt: { read: number; delivered: number }): Promise<void> {
    const real = await this.#real.rpc.receive(user(by), receipt, "now");
    expect(real.ok).toBe(this.#model.member(by) !== undefined);
    if (real.ok) this.#move(by, receipt);
  }

  #move(by: string, { read, delivered }: { read: number; delivered: number }): void {
    const before = this.#cursor(by);
    const after = Math.max(before.read, Math.min(read, this.head));
    const got = Math.max(before.delivered, after, Math.min(delivered, this.head));
    this.#cursors.set(by, { read: after, delivered: got });
  }

  #cursor(by: string): { read: number; delivered: number } {
    return this.#cursors.get(by) ?? { read: 0, delivered: 0 };
  }

  /** By looking at every message there is. */
  #unread(reader: string): { unread: number; mentions: number } {
    const after = Math.max(this.#cursor(reader).read, this.#model.member(reader)?.historyFrom ?? 0);
    const unread = [...this.#model.messages.values()].filter(
      ({ seq, senderId, deletedAt }) =>
        seq > after &&
        senderId !== reader &&
        deletedAt === null &&
        !this.#hidden.has(`${reader}:${seq}`) &&
        !this.#model.blocks.has(`${reader}>${senderId}`),
    );
    const mentions = unread.filter((message) => message.mentions.includes(reader));
    return { unread: unread.length, mentions: mentions.length };
  }

  async #events(person: string): Promise<unknown[]> {
    const events: unknown[] = [];
    let cursor = 0;
    for (;;) {
      const page = valueOf(await this.#real.rpc.catchUp(user(person), cursor));
      events.push(...(JSON.parse(page.events) as Record<string, unknown>[]).map(essence));
      cursor = page.cursor;
      if (!page.more) return events;
    }
  }

  #expectedEvents(person: string, historyFrom: number): unknown[] {
    return this.#model.rows
      .filter(({ seq }) => seq > historyFrom)
      .map(({ seq, type, senderId }) => {
        const message = this.#model.messages.get(seq);
        if (message === undefined) return { seq, type, senderId };
        if (this.#hidden.has(`${person}:${seq}`)) return { seq, type: "hidden" };
        const isDeleted = message.deletedAt !== null;
        return { seq, type, senderId, content: message.content, isDeleted };
      });
  }

  #saying({ by, mentions, count, ifLast }: Extract<Step, { type: "say" }>): Attempt {
    const say = (): KeyedChange => {
      const clientMessageId = this.#key();
      const body = JSON.stringify({
        type: "TEXT",
        content: `${clientMessageId} of ${by}`,
        ...(mentions.length === 0 ? {} : { mentions }),
      });
      const list = mentions.length === 0 ? null : JSON.stringify(mentions);
      return { clientMessageId, change: { type: "message", body, mentions: list } };
    };
    const others = Array.from({ length: count - 1 }, say);
    const ifLastSeq = ifLast === undefined ? undefined : this.head - (ifLast ? 0 : 1);
    return { by, changes: [say(), ...others], ifLastSeq };
  }

  #key(): string {
    return `k${++this.#keys}`;
  }
}

function toSends(changes: Attempt["changes"]) {
  const [first, ...others] = changes.map(({ clientMessageId, change }) => {
    if (change.type !== "message") throw new Error("messages only");
    return { clientMessageId, message: JSON.parse(change.body) as MessageBody };
  });
  if (first === undefined) throw new Error("nothing to send");
  return [first, ...others] as const;
}

/** What two ways of keeping the same event have in common. */
function essence({ seq, type, senderId, message, deletedAt }: Record<string, unknown>): unknown {
  if (type === "hidden") return { seq, type };
  if (type !== "message") return { seq, type, senderId };
  const content: unknown = Object(message)["content"];
  return { seq, type, senderId, content, isDeleted: deletedAt !== undefined };
}
