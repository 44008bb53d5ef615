import { vi } from "vitest";
import type { Timer } from "../../client/connection-state.ts";
import { SharedSocket } from "../../client/shared-socket.ts";
import type { Transport, TransportEvents } from "../../client/transport.ts";
import { PING_TEXT } from "../../protocol/client-frames.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { conversationId } from "./ids.ts";
import { turnEnds } from "./model-client.ts";
import { welcomeFrame } from "./welcome-frame.ts";

/** What a line says first. */
export const HELLO = { type: "hello", version: 1 };

export const welcome = (id: string, ref: string) => ({
  ...welcomeFrame({ conversationId: id }),
  ref,
});

const ONE = conversationId("one");

/** One conversation, or the list, as its session sees the socket. */
export interface Line {
  transport: Transport;
  say(...frames: object[]): void;
  heard: unknown[];
  /** What it does about whatever it hears. */
  react: () => void;
  start(timer: Timer, ms: number): void;
}

/** A socket on a network in memory; `fire` ends waits of a name. */
export function sharedSocketWorld() {
  const dials: { url: string; events: TransportEvents; sent: unknown[]; closes: number[] }[] = [];
  const pending = new Map<string, { ms: number; onTimeout: () => void }>();
  let clocks = 0;
  const token = vi.fn(async (_fresh: boolean) => "jwt");
  let problem: Error | undefined;
  const shared = new SharedSocket("ws://edge/socket", {
    token,
    makeTimers: () => {
      const clock = clocks++;
      return {
        start: (timer, ms, onTimeout) => void pending.set(`${timer} ${clock}`, { ms, onTimeout }),
        stop: (timer) => void pending.delete(`${timer} ${clock}`),
      };
    },
    dial: (url, _subprotocols, events) => {
      if (problem !== undefined) throw problem;
      const sent: unknown[] = [];
      const closes: number[] = [];
      dials.push({ url, events, sent, closes });
      return {
        send: (text) => void sent.push(text === PING_TEXT ? "ping" : JSON.parse(text)),
        close: (code) => void closes.push(code),
      };
    },
  });
  const join = (ports: ReturnType<typeof shared.list>): Line => {
    const heard: unknown[] = [];
    const hear = (what: unknown) => {
      heard.push(what);
      line.react();
    };
    const transport = ports.dial("ws://edge/own", [], {
      opened: () => hear("opened"),
      text: (text) => hear(JSON.parse(text)),
      lost: (code) => hear(code),
    });
    const line: Line = {
      transport,
      heard,
      react: () => undefined,
      say: (...frames) => transport.send(JSON.stringify(frames)),
      start: (timer, ms) => ports.timers.start(timer, ms, () => hear(timer)),
    };
    return line;
  };
  let open = 0;
  const last = () => {
    const dial = dials.at(-1);
    if (dial === undefined) throw new Error("nothing was dialled");
    return dial;
  };
  return {
    shared,
    dials,
    token,
    pending,
    open: (id: ConversationId = ONE) => join(shared.conversation(id)),
    list: () => join(shared.list()),
    last,
    /** The newest dial has worked; nothing when it has already. */
    opened: () => {
      if (open === dials.length) return;
      open = dials.length;
      last().events.opened();
    },
    lost: (code: number) => last().events.lost(code, ""),
    tell: (...frames: object[]) => last().events.text(JSON.stringify(frames)),
    waits: (timer: string) =>
      [...pending].flatMap(([name, { ms }]) => (name.startsWith(timer) ? [ms] : [])),
    fire: (timer: string) => {
      for (const [name, { onTimeout }] of new Map(pending)) {
        if (name.startsWith(timer) && pending.delete(name)) onTimeout();
      }
    },
    fail: (error: Error | undefined) => {
      problem = error;
    },
  };
}

type World = ReturnType<typeof sharedSocketWorld>;

/** A conversation that was welcomed, with what it heard so far forgotten. */
export async function live(world: World, id = ONE, ref = "1"): Promise<Line> {
  const line = world.open(id);
  world.opened();
  await turnEnds();
  line.say(HELLO);
  await turnEnds();
  world.tell(welcome(id, ref));
  line.heard.length = 0;
  world.last().sent.length = 0;
  return line;
}
