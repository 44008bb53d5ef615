import { io } from "socket.io-client";
import { io as olderIo } from "socket.io-client-3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CALM, startEchoGateway } from "../echo-gateway/start.ts";
import type { Workerd } from "../support/workerd.ts";

/** Published clients, unmodified, with the options people use. */
let workerd: Workerd;
let hasty: Workerd;

beforeAll(async () => {
  [workerd, hasty] = await Promise.all([startEchoGateway({ pings: CALM }), startEchoGateway()]);
});
afterAll(() => Promise.all([workerd.stop(), hasty.stop()]));

const auth = { token: "123" };
const clients = [
  {
    note: "4.x, default options",
    open: (url: string) => io(url, { auth, forceNew: true }),
    ends: "websocket",
  },
  {
    note: "4.x, websocket only",
    open: (url: string) => io(url, { auth, forceNew: true, transports: ["websocket"] }),
    ends: "websocket",
  },
  {
    note: "4.x, polling only",
    open: (url: string) => io(url, { auth, forceNew: true, transports: ["polling"] }),
    ends: "polling",
  },
  {
    note: "3.x, default options",
    open: (url: string) => olderIo(url, { auth, forceNew: true }),
    ends: "websocket",
  },
];

/** What the clients have in common, as far as it is used here. */
interface ClientSocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  once(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}

async function event(socket: ClientSocket, name: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    socket.once("connect_error", (error) => reject(new Error("not connected", { cause: error })));
    socket.once(name, (...args) => resolve(args));
  });
}

async function ack(socket: ClientSocket, name: string, ...args: unknown[]): Promise<unknown[]> {
  return new Promise((resolve) =>
    socket.emit(name, ...args, (...answer: unknown[]) => resolve(answer)),
  );
}

describe.each(clients)("$note", ({ open, ends }) => {
  it("connects with its auth payload, sends, receives, and gets acks", async () => {
    const socket = open(workerd.url);
    expect(await event(socket, "auth")).toEqual([auth]);
    const back = event(socket, "message-back");
    socket.emit("message", 1, "2", { three: [true] });
    expect(await back).toEqual([1, "2", { three: [true] }]);
    expect(await ack(socket, "message-with-ack", { a: "é𝄞" })).toEqual([{ a: "é𝄞" }]);
    socket.disconnect();
  });

  it("carries bytes there and back", async () => {
    const socket = open(workerd.url);
    await event(socket, "auth");
    const bytes = Buffer.from([1, 2, 3, 255]);
    const [answer] = await ack(socket, "message-with-ack", { nested: [bytes] });
    expect(answer).toEqual({ nested: [bytes] });
    socket.disconnect();
  });

  it("keeps the order of a hundred events across its upgrade", async () => {
    const socket = open(workerd.url);
    const received: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on("message-back", (n) => {
        if (received.push(n) === 100) resolve();
      });
    });
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    for (const n of numbers) socket.emit("message", n);
    await all;
    expect(received).toEqual(numbers);
    socket.disconnect();
  });

  it("stays connected over many heartbeats", async () => {
    const socket = open(hasty.url);
    const reasons: unknown[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    await event(socket, "auth");
    let pings = 0;
    await new Promise<void>((resolve) => {
      socket.io.engine.on("packet", ({ type }: { type: string }) => {
        if (type === "ping" && ++pings === 6) resolve();
      });
    });
    expect(reasons).toEqual([]);
    expect(socket.io.engine.transport.name).toBe(ends);
    socket.disconnect();
  });
});

describe("4.x", () => {
  it("comes back by itself, with a new id, after the runtime was killed", async () => {
    const socket = io(workerd.url, { auth, forceNew: true, reconnectionDelay: 20 });
    await event(socket, "auth");
    const first = socket.id;
    const cut = new Promise((resolve) => socket.once("disconnect", resolve));
    await workerd.kill();
    await cut;
    const again = new Promise((resolve) => socket.once("auth", resolve));
    await workerd.restart();
    await again;
    expect(socket.id).not.toBe(first);
    expect(await ack(socket, "message-with-ack", "back")).toEqual(["back"]);
    socket.disconnect();
  });

  it("speaks two namespaces over one connection", async () => {
    const main = io(workerd.url, { auth, forceNew: true });
    await event(main, "auth");
    const custom = main.io.socket("/custom", { auth: { token: "abc" } });
    expect(await event(custom, "auth")).toEqual([{ token: "abc" }]);
    custom.disconnect();
    expect(await ack(main, "message-with-ack", "alive")).toEqual(["alive"]);
    main.disconnect();
  });

  it("hears that a namespace is unknown, and stays away", async () => {
    const socket = io(`${workerd.url}/random`, { forceNew: true });
    const [error] = await new Promise<unknown[]>((resolve) => {
      socket.once("connect_error", (...args) => resolve(args));
    });
    expect(error).toMatchObject({ message: "Invalid namespace" });
    expect(socket.active).toBe(false);
    socket.io.engine.close();
  });

  it("comes fifty at once", async () => {
    const sockets = Array.from({ length: 50 }, () => io(workerd.url, { auth, forceNew: true }));
    const answers = await Promise.all(
      sockets.map(async (socket, n) => {
        await event(socket, "auth");
        return ack(socket, "message-with-ack", n);
      }),
    );
    expect(answers).toEqual(sockets.map((_, n) => [n]));
    for (const socket of sockets) socket.disconnect();
  });
});
