import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  directWay,
  heal,
  ModelClient,
  sharedWay,
  turnEnds,
} from "../tests/support/model-client.ts";
import { ModelConversation } from "../tests/support/model-conversation.ts";

type Action = (world: ModelClient) => void;

const timers = ["deadline", "ping", "pong", "reconnect", "resend"] as const;
const stale: Action = (world) => {
  const dial = world.connection.dial - 1;
  world.input({ type: "text", dial, text: '{"type":"bye","retryAfterMs":1}' });
  world.input({ type: "opened", dial });
  world.input({ type: "lost", dial, code: 4500, reason: "" });
};

/** Each with its name, so that a shrunk failure can be read. */
const faultless: [string, Action][] = [
  ["send", (world) => world.send()],
  ["flush", (world) => world.input({ type: "flush" })],
  ["open", (world) => world.input({ type: "open" })],
  ["accept", (world) => world.network.accept()],
  ["serve", (world) => void world.network.serve()],
  ["receive", (world) => void world.network.receive()],
  ["other", (world) => void world.server.append("other", `other-${world.server.log.length}`, "hi")],
  ["wake", (world) => world.input({ type: "wake" })],
  ["cut", (world) => world.network.cut(1006)],
  ["expire", (world) => world.network.cut(4401)],
  ["stale", stale],
  ["undialable", (world) => world.noToken()],
  ...timers.map((timer): [string, Action] => [`fire ${timer}`, (world) => world.fire(timer)]),
];
const limit: [string, Action] = ["limit", (world) => void world.server.limited++];
const skip: [string, Action] = ["skip", (world) => void world.server.skipped++];

const WAYS = [
  { way: "a socket of its own", connect: directWay },
  { way: "the socket for many conversations", connect: sharedWay },
];
type Connect = typeof directWay;

function opened(connect: Connect): ModelClient {
  const server = new ModelConversation();
  const world = new ModelClient(server, "me", connect(server, "me"));
  world.input({ type: "open" });
  return world;
}

async function run(
  connect: Connect,
  names: readonly [string, Action][],
  before: (world: ModelClient, name: string) => void = () => undefined,
): Promise<ModelClient> {
  const world = opened(connect);
  for (const [name, act] of names) {
    before(world, name);
    act(world);
    await turnEnds();
  }
  return world;
}

/** What moves things on comes often, or a run would end before anything has happened. */
const LIKELY: ReadonlySet<string> = new Set([
  "send",
  "other",
  "flush",
  "accept",
  "serve",
  "receive",
  "fire reconnect",
]);

function action(all: readonly [string, Action][]) {
  const weighted = all.map((each) => ({
    weight: LIKELY.has(each[0]) ? 8 : 1,
    arbitrary: fc.constant(each),
  }));
  return fc.oneof(...weighted);
}

const actions = (all: readonly [string, Action][]) =>
  fc.array(action(all), { maxLength: 150, size: "max" });

describe.each(WAYS)("over $way", ({ connect }) => {
  test("the runs below do reach what they are about", async () => {
    const reached = {
      delivered: 0,
      paged: 0,
      cutWithUnacked: 0,
      tornInFlight: 0,
      refused: 0,
      skipped: 0,
    };
    const note = ({ network: { socket }, connection, server }: ModelClient, name: string) => {
      if (name === "cut" && connection.queue.some(({ sent }) => sent)) reached.cutWithUnacked++;
      if (name === "cut" && (socket?.end?.underWay ?? 0) > 0) reached.tornInFlight++;
      if (socket?.toServer.some((text) => text.includes('"next"'))) reached.paged++;
      if (server.limited > 0) reached.refused++;
      if (server.skipped > 0) reached.skipped++;
    };
    for (const names of fc.sample(actions([...faultless, limit, skip]), {
      numRuns: 100,
      seed: 1,
    })) {
      const world = await run(connect, names, note);
      reached.delivered += world.delivered.length;
    }
    for (const times of Object.values(reached)) expect(times).toBeGreaterThan(20);
  });

  test("[ORD-3] whatever happens on the way, in the end every send is acked once and stored once", async () => {
    await fc.assert(
      fc.asyncProperty(actions([...faultless, limit, skip]), async (names) => {
        const world = await run(connect, names);
        await heal([world.server], [world]);
        const keys = [...world.outcomes.keys()];
        expect([...world.outcomes.values()]).toEqual(keys.map(() => ["stored"]));
        expect(world.connection.queue).toEqual([]);
        const stored = world.server.log.map((event) => event.clientMessageId);
        for (const key of keys) expect(stored.filter((other) => other === key)).toEqual([key]);
        expect(world.delivered).toEqual(world.server.log);
      }),
      { numRuns: 300 },
    );
  });

  test("[ORD-5] sends keep the order of their calls when the server asks for no second try", async () => {
    await fc.assert(
      fc.asyncProperty(actions(faultless), async (names) => {
        const world = await run(connect, names);
        await heal([world.server], [world]);
        const mine = world.server.log.filter((event) => event.senderId === "me");
        expect(mine.map((event) => event.clientMessageId)).toEqual([...world.outcomes.keys()]);
      }),
      { numRuns: 200 },
    );
  });

  test("until then every send is acked at most once or still queued, and never both", async () => {
    await fc.assert(
      fc.asyncProperty(actions([...faultless, limit, skip]), async (names) => {
        const world = await run(connect, names);
        const queued = new Set(world.connection.queue.map((send) => send.clientMessageId));
        for (const [key, outcomes] of world.outcomes) {
          expect(outcomes).toEqual(queued.has(key) ? [] : ["stored"]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("closing at any point settles every send once and leaves no socket and no timer", async () => {
    await fc.assert(
      fc.asyncProperty(actions([...faultless, limit, skip]), async (names) => {
        const world = await run(connect, names);
        world.input({ type: "close" });
        world.send();
        for (const outcomes of world.outcomes.values()) expect(outcomes).toHaveLength(1);
        const { dials } = world.network;
        for (const timer of timers) world.input({ type: "timeout", timer });
        world.input({ type: "wake" });
        const { network, pendingTimers } = world;
        expect([network.socket, pendingTimers, network.dials]).toEqual([undefined, 0, dials]);
      }),
      { numRuns: 200 },
    );
  });

  test("[RES-4] when the log was replaced, the timeline starts over and unacked sends reach the new log once", async () => {
    await fc.assert(
      fc.asyncProperty(actions([...faultless, skip]), async (names) => {
        const world = await run(connect, names);
        const unacked = world.connection.queue.map((send) => send.clientMessageId);
        world.network.cut(1006);
        world.server.replaceLog();
        await heal([world.server], [world]);
        const mine = world.server.log.filter((event) => event.senderId === "me");
        expect(mine.map((event) => event.clientMessageId)).toEqual(unacked);
        expect(world.delivered).toEqual(world.server.log);
      }),
      { numRuns: 200 },
    );
  });

  test("[ORD-2] many writers over networks that break: everybody ends with the same gapless array, each message once", async () => {
    const writers = fc.integer({ min: 2, max: 5 });
    const turns = fc.array(fc.tuple(fc.nat({ max: 4 }), action([...faultless, limit, skip])), {
      maxLength: 300,
      size: "max",
    });
    await fc.assert(
      fc.asyncProperty(writers, turns, async (count, turns) => {
        const server = new ModelConversation();
        const clients = Array.from({ length: count }, (_, n) => {
          const userId = `user-${n}`;
          return new ModelClient(server, userId, connect(server, userId));
        });
        for (const client of clients) client.input({ type: "open" });
        for (const [who, [, act]] of turns) {
          const client = clients[who % count];
          if (client !== undefined) act(client);
          await turnEnds();
        }
        await heal([server], clients);
        expect(server.log.map(({ seq }) => seq)).toEqual(server.log.map((_, index) => index + 1));
        const keys = clients.flatMap(({ outcomes }) => [...outcomes.keys()]);
        const stored = server.log.map(({ clientMessageId }) => clientMessageId);
        for (const key of keys) expect(stored.filter((other) => other === key)).toEqual([key]);
        for (const { delivered, outcomes } of clients) {
          expect(delivered).toEqual(server.log);
          expect([...outcomes.values()]).toEqual([...outcomes].map(() => ["stored"]));
        }
      }),
      { numRuns: 150 },
    );
  });
});
