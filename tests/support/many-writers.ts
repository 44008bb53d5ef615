import type { MessageEvent } from "../../protocol/event.ts";
import type { ReaderEvent } from "../../client/index.ts";
import type { ParleyWorkerd } from "./parley-workerd.ts";
import { Participant } from "./participant.ts";
import { readLog } from "./read-log.ts";
import { TornLink } from "./torn-link.ts";

/** Once this participant was shown so many events, his connection breaks after so many more bytes. */
export interface Tear {
  participant: number;
  afterEvents: number;
  bytes: number;
}

export interface Script {
  writers: number;
  /** People who only read. */
  readers: number;
  /** Messages of each writer, of which `window` are under way at once. */
  messages: number;
  window: number;
  tears: readonly Tear[];
  /** How everybody is connected. */
  sockets: "direct" | "shared";
}

export interface Played {
  /** What the conversation holds, read by REST. */
  log: MessageEvent[];
  /** The writers, the readers, and one who came when all was written. */
  participants: Participant[];
  /** Connections that were torn. */
  torn: number;
}

/** Everybody writes at once into one fresh conversation, each over a network of his own that breaks as the script says. */
export async function playScript(parley: ParleyWorkerd, script: Script): Promise<Played> {
  const users = Array.from({ length: script.writers + script.readers }, (_, n) => `user-${n}`);
  const conversationId = await parley.group(users);
  const links = await Promise.all(users.map(() => TornLink.open(parley.url)));
  const participants = users.map((user, index) => {
    const url = links[index]?.url ?? parley.url;
    const edge = { url, token: (userId: string) => parley.token(userId) };
    return new Participant(edge, conversationId, user, script.sockets);
  });
  let torn = 0;
  for (const [index, { session }] of participants.entries()) {
    const tears = script.tears
      .filter(({ participant }) => participant % users.length === index)
      .toSorted((one, other) => one.afterEvents - other.afterEvents);
    session.on("events", (events) => {
      while (isReached(tears[0], events)) {
        torn += links[index]?.tear(tears.shift()?.bytes ?? 0) ?? 0;
      }
    });
    // as on a phone that sees its network come back; else the run would be spent in waiting
    session.on("state", (state) => {
      if (state === "waiting") session.wake();
    });
  }
  try {
    const writers = participants.slice(0, script.writers);
    await Promise.all(writers.map((writer) => writeAll(writer, script)));
    // a second device of the first one, which has everything still to read
    participants.push(new Participant(parley, conversationId, users[0] ?? "", script.sockets));
    await Promise.all(participants.map((each) => each.hasSeen(script.writers * script.messages)));
    return { log: await readLog(parley, conversationId, users[0] ?? ""), participants, torn };
  } finally {
    for (const participant of participants) participant.close();
    for (const link of links) link.close();
  }
}

/** Keeps `window` messages under way, each under a key that says whose and which it is. */
async function writeAll(writer: Participant, { messages, window }: Script): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < messages) {
      const key = `${writer.userId}-${next++}`;
      await writer.send(`message ${key}`, key);
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
}

function isReached(tear: Tear | undefined, events: readonly ReaderEvent[]): boolean {
  return tear !== undefined && (events.at(-1)?.seq ?? 0) >= tear.afterEvents;
}
