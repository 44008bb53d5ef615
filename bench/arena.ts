import { ParleyWorkerd } from "../tests/support/parley-workerd.ts";
import { Workerd } from "../tests/support/workerd.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../protocol/version.ts";
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
    return new Arena(await ParleyWorkerd.start({ bridge: false }), baselines);
  }

  /** `count` sockets of one fresh baseline object. */
  async baselineSockets(kind: "echo" | "relay" | "plain", count: number): Promise<RawSocket[]> {
    const url = `${this.#baselines.url}/${kind}/${crypto.randomUUID()}`;
    return openAll(count, () => RawSocket.open(url));
  }

  /** `count` live sockets of one fresh conversation; the first belongs to its founder. */
  async conversationSockets(count: number): Promise<RawSocket[]> {
    const users = ["founder", "reader"];
    const conversationId = await this.parley.group(users);
    const tokens = await Promise.all(users.map((user) => this.parley.token(user)));
    const url = `${this.parley.url}/conversations/${conversationId}/socket`;
    return openAll(count, async (index) => {
      const token = tokens[index === 0 ? 0 : 1] ?? "";
      const socket = await RawSocket.open(url, [SUBPROTOCOL, `bearer.${token}`]);
      const welcomed = new Promise<void>((resolve) => {
        socket.onText = () => resolve();
      });
      socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION }));
      await welcomed;
      return socket;
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.parley.stop(), this.#baselines.stop()]);
  }
}

const OPENED_AT_ONCE = 50;

async function openAll(
  count: number,
  open: (index: number) => Promise<RawSocket>,
): Promise<RawSocket[]> {
  const sockets: RawSocket[] = [];
  while (sockets.length < count) {
    const round = Math.min(OPENED_AT_ONCE, count - sockets.length);
    const first = sockets.length;
    sockets.push(...(await Promise.all(Array.from({ length: round }, (_, i) => open(first + i)))));
  }
  return sockets;
}
