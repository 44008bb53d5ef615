import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MessageTimeline, type TimelineEntry } from "../../client/index.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { readLog } from "../support/read-log.ts";
import { TornLink } from "../support/torn-link.ts";

/** FC_SEED=n plays the same scripts again. */
const SEED = Number(process.env["FC_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const PEOPLE = ["ada", "bo", "cy", "di"];

type Action =
  | { type: "say" | "read" | "typing" | "rejoin" }
  /** `share` of the way through what the participant has seen. */
  | { type: "edit" | "remove" | "react"; share: number }
  | { type: "tear"; bytes: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("say" as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom("edit" as const, "remove" as const, "react" as const),
      share: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("read" as const, "typing" as const, "rejoin" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("tear" as const), bytes: fc.nat({ max: 2_000 }) }),
  },
);
const script = fc.tuple(
  ...PEOPLE.map(() => fc.array(action, { minLength: 10, maxLength: 40, size: "max" })),
);

let parley: ParleyWorkerd;
beforeAll(async () => {
  console.log(`lively-conversation: FC_SEED=${SEED}`);
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

/** One person on a network that breaks, who forgets nothing over a change of devices. */
class Person {
  readonly userId: string;
  readonly timeline = new MessageTimeline();
  readonly #conversationId: string;
  readonly #link: TornLink;
  participant: Participant;

  constructor(userId: string, conversationId: string, link: TornLink) {
    this.userId = userId;
    this.#conversationId = conversationId;
    this.#link = link;
    this.participant = this.#join();
  }

  async act(actions: readonly Action[]): Promise<void> {
    for (const each of actions) await this.#act(each);
  }

  end(): void {
    this.participant.close();
    this.#link.close();
  }

  async #act(each: Action): Promise<void> {
    const { session } = this.participant;
    switch (each.type) {
      case "say":
        return this.participant.send(`hello of ${this.userId}`, crypto.randomUUID());
      case "read":
        return session.markRead(session.cursor);
      case "typing":
        return session.typing(true);
      case "tear":
        this.#link.tear(each.bytes);
        return;
      case "rejoin":
        this.participant.close();
        this.participant = this.#join();
        return;
      default:
        return this.#change(each.type, each.share);
    }
  }

  /** On a message of his own for what only authors may; a refusal, as for one that is deleted by now, is an answer too. */
  async #change(type: "edit" | "remove" | "react", share: number): Promise<void> {
    const { session } = this.participant;
    const messages = this.timeline
      .entries()
      .filter(
        (entry) => entry.type === "message" && (type === "react" || entry.senderId === this.userId),
      );
    const target = messages[Math.floor(share * messages.length)];
    if (target === undefined) return;
    const changed =
      type === "edit"
        ? session.edit(target.seq, `better ${crypto.randomUUID()}`)
        : type === "remove"
          ? session.remove(target.seq)
          : session.react(target.seq, share < 0.5 ? "👍" : "🎉", share < 0.4 || share > 0.6);
    await changed.catch((error: unknown) => expect(error).toMatchObject({ code: "NOT_FOUND" }));
  }

  #join(): Participant {
    const edge = { url: this.#link.url, token: (userId: string) => parley.token(userId) };
    const participant = new Participant(edge, this.#conversationId, this.userId);
    const { session } = participant;
    session.on("events", (events) => this.timeline.apply(events));
    session.on("state", (state) => {
      if (state === "waiting") session.wake();
    });
    return participant;
  }
}

/** What REST says of the same entries. */
function shown(entries: readonly TimelineEntry[]) {
  return entries.map((entry) => {
    if (entry.type !== "message") throw new Error("nobody changed members or settings");
    const { seq, senderId, message, deletedAt } = entry;
    return { seq, senderId, content: message.content, deletedAt };
  });
}

test("[CHG-1] [RES-3] whatever people do and however their networks break, all see the same in the end", async () => {
  let events = 0;
  await fc.assert(
    fc.asyncProperty(script, async (scripts) => {
      const conversationId = await parley.group(PEOPLE);
      const people = await Promise.all(
        PEOPLE.map(async (id) => new Person(id, conversationId, await TornLink.open(parley.url))),
      );
      try {
        await Promise.all(people.map((person, index) => person.act(scripts[index] ?? [])));
        // one more of each, over the connection that is there by then
        await Promise.all(
          people.map(({ participant }) => participant.send("the end", crypto.randomUUID())),
        );
        const head = Math.max(
          ...people.flatMap(({ participant }) =>
            [...participant.acked.values()].map(({ seq }) => seq),
          ),
        );
        for (const { participant } of people) await participant.hasSeen(head);
        const log = await readLog(parley, conversationId, "ada");
        const [first, ...others] = people.map(({ timeline }) => timeline.entries());
        for (const other of others) expect(other).toEqual(first);
        expect(shown(first ?? [])).toEqual(
          log.map(({ seq, senderId, message, deletedAt }) => ({
            seq,
            senderId,
            content: message.content,
            deletedAt,
          })),
        );
        events += head;
      } finally {
        for (const person of people) person.end();
      }
    }),
    { seed: SEED, numRuns: 8 },
  );
  expect(events, "something happened").toBeGreaterThan(200);
});
