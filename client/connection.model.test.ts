import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelConversation, type ModelSession } from "../tests/support/model-conversation.ts";
import { step } from "./connection.ts";
import {
  idleConnection,
  type Connection,
  type Effect,
  type Input,
  type Timer,
} from "./connection-state.ts";
import { encodeSend } from "./outgoing-send.ts";
import { RECONNECT_MAX_MS } from "./reconnect.ts";

interface Socket {
  dial: number;
  session: ModelSession | undefined;
  toServer: string[];
}

/** A connection, a model of its server, and a network between them that a test can tear at any point. */
class World {
  readonly server = new ModelConversation();
  readonly delivered: number[] = [];
  readonly outcomes = new Map<string, string[]>();
  readonly timers = new Map<Timer, number>();
  connection: Connection = idleConnection(0);
  socket: Socket | undefined;
  dials = 0;
  #keys = 0;

  input(input: Input, random = 0.5): void {
    const { connection, effects } = step(this.connection, input, random);
    this.connection = connection;
    for (const effect of effects) this.#perform(effect);
  }

  send(): void {
    const key = `key-${++this.#keys}`;
    this.outcomes.set(key, []);
    const frame = encodeSend(key, key);
    if (!frame.ok) throw new Error(frame.error.message);
    this.input({ type: "send", clientMessageId: key, frame: frame.value });
  }

  accept(): void {
    if (this.socket === undefined || this.socket.session !== undefined) return;
    this.socket.session = this.server.connect();
    this.input({ type: "opened", dial: this.socket.dial });
  }

  /** The server reads one text. */
  serve(): boolean {
    const session = this.socket?.session;
    const text = session === undefined ? undefined : this.socket?.toServer.shift();
    if (session === undefined || text === undefined) return false;
    if (text !== '{"type":"ping"}') this.server.receive(session, text);
    else session.outbox.push('{"type":"pong"}');
    return true;
  }

  /** The client reads one text. */
  receive(): boolean {
    const text = this.socket?.session?.outbox.shift();
    if (this.socket === undefined || text === undefined) return false;
    this.input({ type: "text", dial: this.socket.dial, text });
    return true;
  }

  cut(code: number): void {
    const { socket } = this;
    if (socket === undefined) return;
    this.#dropSocket();
    this.input({ type: "lost", dial: socket.dial, code, reason: "" });
  }

  fire(timer: Timer): void {
    if (this.timers.delete(timer)) this.input({ type: "timeout", timer });
  }

  /** The network behaves from now on: everything must come right by itself. */
  heal(): void {
    this.server.limited = 0;
    this.server.skipped = 0;
    this.input({ type: "open" });
    this.server.append("other", "last", "shows a hole, if there is one");
    for (let turn = 0; turn < 2_000; turn++) {
      this.input({ type: "flush" });
      this.accept();
      const busy = this.serve() || this.receive();
      if (!busy) for (const timer of ["reconnect", "resend"] as const) this.fire(timer);
    }
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "tell":
        break;
      case "dial":
        expect(this.socket, "two dials at once").toBeUndefined();
        this.socket = { dial: effect.dial, session: undefined, toServer: [] };
        this.dials++;
        return;
      case "transmit":
        return void this.socket?.toServer.push(effect.text);
      case "hangUp":
        return this.#dropSocket();
      case "startTimer":
        expect(effect.ms).toBeGreaterThanOrEqual(0);
        expect(effect.ms).toBeLessThanOrEqual(RECONNECT_MAX_MS);
        return void this.timers.set(effect.timer, effect.ms);
      case "stopTimers":
        return effect.timers.forEach((timer) => this.timers.delete(timer));
      case "deliver":
        for (const event of effect.events) {
          expect(event.seq, "the next seq").toBe(this.delivered.length + 1);
          this.delivered.push(event.seq);
        }
        return;
      case "stored":
        return void this.outcomes.get(effect.clientMessageId)?.push("stored");
      case "failed":
        return void this.outcomes.get(effect.clientMessageId)?.push(effect.failure.type);
      case "reset":
        return void (this.delivered.length = 0);
      case "greeted":
      case "report":
        return;
    }
  }

  #dropSocket(): void {
    if (this.socket?.session !== undefined) this.server.cut(this.socket.session);
    this.socket = undefined;
  }
}

type Action = (world: World) => void;

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
  ["accept", (world) => world.accept()],
  ["serve", (world) => void world.serve()],
  ["receive", (world) => void world.receive()],
  ["other", (world) => void world.server.append("other", `other-${world.server.log.length}`, "hi")],
  ["wake", (world) => world.input({ type: "wake" })],
  ["cut", (world) => world.cut(1006)],
  ["expire", (world) => world.cut(4401)],
  ["stale", stale],
  ["undialable", (world) => noToken(world)],
  ...timers.map((timer): [string, Action] => [`fire ${timer}`, (world) => world.fire(timer)]),
];
const limit: [string, Action] = ["limit", (world) => void world.server.limited++];
const skip: [string, Action] = ["skip", (world) => void world.server.skipped++];

function noToken(world: World): void {
  if (world.socket?.session !== undefined || world.socket === undefined) return;
  const { dial } = world.socket;
  world.socket = undefined;
  world.input({ type: "undialable", dial, why: { code: "NETWORK", message: "", retryable: true } });
}

function run(names: readonly [string, Action][]): World {
  const world = new World();
  for (const [, act] of names) act(world);
  return world;
}

const actions = (all: [string, Action][]) => fc.array(fc.constantFrom(...all), { maxLength: 120 });

test("[ORD-3] whatever happens on the way, in the end every send is acked once and stored once", () => {
  fc.assert(
    fc.property(actions([...faultless, limit, skip]), (names) => {
      const world = run(names);
      world.heal();
      const keys = [...world.outcomes.keys()];
      expect([...world.outcomes.values()]).toEqual(keys.map(() => ["stored"]));
      expect(world.connection.queue).toEqual([]);
      const stored = world.server.log.map((event) => event.clientMessageId);
      for (const key of keys) expect(stored.filter((other) => other === key)).toEqual([key]);
      expect(world.delivered).toEqual(world.server.log.map((event) => event.seq));
    }),
    { numRuns: 300 },
  );
});

test("[ORD-5] sends keep the order of their calls when the server asks for no second try", () => {
  fc.assert(
    fc.property(actions(faultless), (names) => {
      const world = run(names);
      world.heal();
      const mine = world.server.log.filter((event) => event.senderId === "me");
      expect(mine.map((event) => event.clientMessageId)).toEqual([...world.outcomes.keys()]);
    }),
    { numRuns: 200 },
  );
});

test("until then every send is acked at most once or still queued, and never both", () => {
  fc.assert(
    fc.property(actions([...faultless, limit, skip]), (names) => {
      const world = run(names);
      const queued = new Set(world.connection.queue.map((send) => send.clientMessageId));
      for (const [key, outcomes] of world.outcomes) {
        expect(outcomes).toEqual(queued.has(key) ? [] : ["stored"]);
      }
    }),
    { numRuns: 200 },
  );
});

test("closing at any point settles every send once and leaves no socket and no timer", () => {
  fc.assert(
    fc.property(actions([...faultless, limit, skip]), (names) => {
      const world = run(names);
      world.input({ type: "close" });
      world.send();
      for (const outcomes of world.outcomes.values()) expect(outcomes).toHaveLength(1);
      const dials = world.dials;
      for (const timer of timers) world.input({ type: "timeout", timer });
      world.input({ type: "wake" });
      expect([world.socket, world.timers.size, world.dials]).toEqual([undefined, 0, dials]);
    }),
    { numRuns: 200 },
  );
});

test("[RES-4] when the log was replaced, the timeline starts over and unacked sends reach the new log once", () => {
  fc.assert(
    fc.property(actions([...faultless, skip]), (names) => {
      const world = run(names);
      const unacked = world.connection.queue.map((send) => send.clientMessageId);
      world.cut(1006);
      world.server.replaceLog();
      world.heal();
      const mine = world.server.log.filter((event) => event.senderId === "me");
      expect(mine.map((event) => event.clientMessageId)).toEqual(unacked);
      expect(world.delivered).toEqual(world.server.log.map((event) => event.seq));
    }),
    { numRuns: 200 },
  );
});
