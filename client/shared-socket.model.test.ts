import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConversationId } from "../protocol/ids.ts";
import { conversationId } from "../tests/support/ids.ts";
import { heal, ModelClient, modelSocket, turnEnds } from "../tests/support/model-client.ts";
import { ModelConversation } from "../tests/support/model-conversation.ts";

const IDS = ["one", "two", "three"].map(conversationId);

/** Sessions of several conversations, and of one that the server refuses, on one socket. */
class World {
  #count = 0;
  readonly servers = new Map(IDS.map((id) => [id, new ModelConversation()]));
  readonly socket = modelSocket(this.servers, "me");
  readonly clients = IDS.map((id) => this.#connect(id));
  /** Those that were closed for others in their place. */
  readonly closed: ModelClient[] = [];
  /** Those that the server does not know. */
  readonly strangers: ModelClient[] = [];

  #connect(id: ConversationId): ModelClient {
    const ports = this.socket.shared.conversation(id);
    const { network, timers } = this.socket;
    const server = this.servers.get(id) ?? new ModelConversation();
    const client = new ModelClient(server, `me${++this.#count}`, { network, timers, ports });
    client.input({ type: "open" });
    return client;
  }

  client(which: number): ModelClient {
    const client = this.clients[which];
    if (client === undefined) throw new Error("there is no such client");
    return client;
  }

  /** Ends a session; another one of the same conversation reads from the beginning. */
  reopen(which: number): void {
    const left = this.client(which);
    left.input({ type: "close" });
    this.closed.push(left);
    this.clients[which] = this.#connect(conversationId(IDS[which] ?? ""));
  }

  refused(): void {
    this.strangers.push(this.#connect(conversationId(`strange-${this.strangers.length}`)));
  }
}

type Action = (world: World, which: number) => void;

const likely: [string, Action][] = [
  ["send", (world, which) => world.client(which).send()],
  ["flush", (world, which) => world.client(which).input({ type: "flush" })],
  ["other", (world, which) => void world.client(which).server.append("other", "other", "hi")],
  ["accept", ({ socket }) => socket.network.accept()],
  ["serve", ({ socket }) => void socket.network.serve()],
  ["receive", ({ socket }) => void socket.network.receive()],
  ["reconnect", ({ socket }) => socket.timers.fire("reconnect")],
];
const rare: [string, Action][] = [
  ["wake", (world, which) => world.client(which).input({ type: "wake" })],
  ["cut", ({ socket }) => socket.network.cut(1006)],
  ["expire", ({ socket }) => socket.network.cut(4401)],
  ["pong", ({ socket }) => socket.timers.fire("pong")],
  ["ping", ({ socket }) => socket.timers.fire("ping")],
  ["deadline", ({ socket }) => socket.timers.fire("deadline")],
  ["no token", (world, which) => world.client(which).noToken()],
  ["limit", (world, which) => void world.client(which).server.limited++],
  ["skip", (world, which) => void world.client(which).server.skipped++],
  ["reopen", (world, which) => world.reopen(which)],
  ["refuse", (world) => world.refused()],
];

const weighted = (weight: number, all: readonly [string, Action][]) =>
  all.map((each) => ({ weight, arbitrary: fc.constant(each) }));
const turns = fc.array(
  fc.tuple(fc.nat({ max: IDS.length - 1 }), fc.oneof(...weighted(8, likely), ...weighted(1, rare))),
  { maxLength: 200, size: "max" },
);

async function played(
  script: readonly [number, [string, Action]][],
  before: (world: World, name: string) => void = () => undefined,
): Promise<World> {
  const world = new World();
  for (const [which, [name, act]] of script) {
    before(world, name);
    act(world, which);
    await turnEnds();
  }
  return world;
}

test("the runs below do reach what they are about", async () => {
  const reached = { delivered: 0, shared: 0, reopenedGreeting: 0, refused: 0, dials: 0 };
  for (const script of fc.sample(turns, { numRuns: 100, seed: 1 })) {
    const world = await played(script, ({ clients }, name) => {
      const states = clients.map(({ connection }) => connection.phase.state);
      if (states.filter((state) => state === "live").length > 1) reached.shared++;
      if (name === "reopen" && states.includes("greeting")) reached.reopenedGreeting++;
    });
    reached.delivered += world.clients.reduce((sum, { delivered }) => sum + delivered.length, 0);
    const { strangers } = world;
    reached.refused += strangers.filter((each) => each.connection.phase.state === "closed").length;
    reached.dials += world.socket.network.dials;
  }
  for (const times of Object.values(reached)) expect(times).toBeGreaterThan(20);
});

test("[MUX-1] [ORD-3] whatever happens to the socket, each conversation ends with its own gapless log, each message once", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const world = await played(script);
      await heal([...world.servers.values()], world.clients);
      for (const { server, delivered, outcomes, connection } of world.clients) {
        expect(connection.phase).toEqual({ state: "live", holding: false });
        expect(delivered).toEqual(server.log);
        expect([...outcomes.values()]).toEqual([...outcomes].map(() => ["stored"]));
      }
      for (const { server, outcomes } of [...world.clients, ...world.closed]) {
        const stored = server.log.map(({ clientMessageId }) => clientMessageId);
        for (const key of outcomes.keys()) {
          const times = stored.filter((other) => other === key).length;
          expect(times).toBe(
            outcomes.get(key)?.includes("stored") === true ? 1 : Math.min(times, 1),
          );
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("[MUX-3] what the server refuses is closed for good, and nothing else is", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const world = await played([...script, [0, ["refuse", (each: World) => each.refused()]]]);
      await heal([...world.servers.values()], [...world.clients, ...world.strangers]);
      for (const { connection } of world.strangers) {
        expect(connection.phase).toMatchObject({ state: "closed", why: { code: "NOT_FOUND" } });
      }
      for (const { connection } of world.clients) expect(connection.phase.state).toBe("live");
    }),
    { numRuns: 100 },
  );
});

test("the last one that closes takes the socket with it, and every wait", async () => {
  await fc.assert(
    fc.asyncProperty(turns, async (script) => {
      const world = await played(script);
      for (const client of [...world.clients, ...world.strangers]) client.input({ type: "close" });
      await turnEnds();
      const { network, timers } = world.socket;
      expect([network.socket, timers.pending]).toEqual([undefined, 0]);
    }),
    { numRuns: 200 },
  );
});
