import type { ClientFrameInput } from "../../../protocol/client-frames.ts";
import { PROTOCOL_VERSION } from "../../../protocol/version.ts";
import type { EdgePlace } from "./gateway-client.ts";

type Frame = { conversationId?: string; type: string } & Record<string, unknown>;

/** One socket for many conversations; frames are taken by conversation and type. */
export class Multiplexed {
  readonly socket: WebSocket;
  readonly #frames: Frame[] = [];
  /** As they came. */
  readonly texts: string[] = [];
  #arrived: () => void = () => undefined;
  readonly closed: Promise<number>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.texts.push(String(data));
      this.#frames.push(...[JSON.parse(String(data))].flat());
      this.#arrived();
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    socket.accept();
  }

  static async open(place: EdgePlace, token: string): Promise<Multiplexed> {
    const protocols = { "sec-websocket-protocol": `parley.v1, bearer.${token}` };
    return new Multiplexed(await place.upgrade("/socket", protocols));
  }

  send(...frames: object[]): void {
    this.socket.send(JSON.stringify(frames));
  }

  say(conversationId: string, frame: ClientFrameInput | { type: "bye" }): void {
    this.send({ conversationId, ...frame });
  }

  hello(conversationId: string, cursor = 0): void {
    this.say(conversationId, { type: "hello", version: PROTOCOL_VERSION, cursor });
  }

  /** The next frame of this type about this conversation; others stay. */
  async next(conversationId: string | undefined, type: string): Promise<Frame> {
    for (;;) {
      const index = this.#frames.findIndex(
        (frame) => frame.type === type && frame.conversationId === conversationId,
      );
      const [found] = index < 0 ? [] : this.#frames.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  /** Frames about this conversation that came and were not taken. */
  unread(conversationId: string): readonly Frame[] {
    return this.#frames.filter((frame) => frame.conversationId === conversationId);
  }

  async seqs(conversationId: string, until: number): Promise<number[]> {
    const seqs: number[] = [];
    while ((seqs.at(-1) ?? 0) < until) {
      const { events, more } = await this.next(conversationId, "events");
      seqs.push(...(events as { seq: number }[]).map(({ seq }) => seq));
      if (more === true) this.say(conversationId, { type: "next" });
    }
    return seqs;
  }
}
