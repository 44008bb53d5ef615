import { LIMITS } from "../protocol/limits.ts";
import { ParleyWorkerd } from "../tests/support/parley-workerd.ts";
import { Workerd } from "../tests/support/workerd.ts";
import { greetedSocket } from "./live-socket.ts";
import { RawSocket } from "./raw-socket.ts";

/** Parley and its baselines, each in a workerd of its own on this machine. */
export class Arena {
  readonly parley: ParleyWorkerd;
  readonly #baselines: Workerd;

  private constructor(parley: ParleyWorkerd, baselines: Workerd) {
    this.parley = parley;
    this.#baselines = baselines;
  }

  static async open(): Promise<Arena> {
    const baselines = await Workerd.start({
      entry: "bench/baselines/worker.ts",
      objects: { ECHO: "Echo", RELAY: "Relay", PLAIN: "Plain" },
    });
    const entry = "bench/edge/worker.ts";
    return new Arena(await ParleyWorkerd.start({ bridge: false, entry }), baselines);
  }

  /** `count` sockets of one fresh baseline object. */
  async baselineSockets(kind: "echo" | "relay" | "plain", count: number): Promise<RawSocket[]> {
    const url = `${this.#baselines.url}/${kind}/${crypto.randomUUID()}`;
    return openAll(Array.from({ length: count }), () => RawSocket.open(url));
  }

  /** Where a worker that does nothing else answers so many bytes. */
  baselineBytes(count: number): string {
    return `${this.#baselines.url}/bytes/${count}`;
  }

  /** `count` live sockets of one fresh conversation; the first belongs to its founder, the others to one reader. */
  async conversationSockets(count: number): Promise<RawSocket[]> {
    const conversationId = await this.parley.group(["founder", "reader"]);
    const users = Array.from({ length: count }, (_, n) => (n === 0 ? "founder" : "reader"));
    return this.liveSockets(conversationId, users);
  }

  /** A fresh group of as many members as it takes; the first is its founder. */
  async group(users: readonly string[]): Promise<string> {
    const conversationId = await this.parley.group(users.slice(0, LIMITS.foundingMembers));
    const step = LIMITS.membersPerEvent;
    for (let from = LIMITS.foundingMembers; from < users.length; from += step) {
      const people = users.slice(from, from + step).map((userId) => ({ userId, name: userId }));
      await this.#ask(conversationId, { ask: "addMembers", actorId: users[0], people });
    }
    return conversationId;
  }

  /** One live socket for each entry of `users`, in that order. */
  async liveSockets(conversationId: string, users: readonly string[]): Promise<RawSocket[]> {
    const tokens = new Map<string, Promise<string>>();
    for (const user of new Set(users)) tokens.set(user, this.parley.token(user));
    return openAll(users, async (user) => {
      const token = (await tokens.get(user)) ?? "";
      return (await greetedSocket(this.parley.url, conversationId, token, { last: 0 })).socket;
    });
  }

  /** Rows that the conversation has written since it woke. */
  async rowsWritten(conversationId: string): Promise<number> {
    const usage = await this.#ask(conversationId, { ask: "usage" });
    return (usage as { rowsWritten: number }).rowsWritten; // what bench/edge/worker.ts answers
  }

  async close(): Promise<void> {
    await Promise.all([this.parley.stop(), this.#baselines.stop()]);
  }

  async #ask(conversationId: string, question: object): Promise<unknown> {
    const answer = await fetch(`${this.parley.url}/measured/${conversationId}`, {
      method: "POST",
      body: JSON.stringify(question),
    });
    if (!answer.ok) throw new Error(`the edge answered ${answer.status}`);
    return answer.json();
  }
}

export async function withSockets<T>(
  open: () => Promise<RawSocket[]>,
  use: (sockets: RawSocket[]) => Promise<T>,
): Promise<T> {
  const sockets = await open();
  try {
    return await use(sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

const OPENED_AT_ONCE = 50;

export async function openAll<T>(
  items: readonly T[],
  open: (item: T) => Promise<RawSocket>,
): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  while (sockets.length < items.length) {
    const round = items.slice(sockets.length, sockets.length + OPENED_AT_ONCE);
    sockets.push(...(await Promise.all(round.map(open))));
  }
  return sockets;
}
