import { env } from "cloudflare:workers";
import type { ClientFrameInput } from "../../../protocol/client-frames.ts";
import type { ServerFrame, WelcomeFrame } from "../../../protocol/server-frames.ts";
import { PROTOCOL_VERSION } from "../../../protocol/version.ts";
import { lastingFrames } from "../../support/frame-queue.ts";
import { FrameSocket, upgraded } from "./frame-socket.ts";

type HelloFields = Partial<Omit<Extract<ClientFrameInput, { type: "hello" }>, "type" | "version">>;

const TOKEN_LIFE_MS = 3_600_000;

/** One raw socket of a member, straight into the object. */
export class MemberSocket extends FrameSocket<ServerFrame> {
  static async open(
    conversationId: string,
    userId: string,
    tokenLifeMs = TOKEN_LIFE_MS,
  ): Promise<MemberSocket> {
    const headers = {
      upgrade: "websocket",
      "x-parley-user": encodeURIComponent(userId),
      "x-parley-expires": `${Date.now() + tokenLifeMs}`,
    };
    const stub = env.CONVERSATION.getByName(conversationId);
    const answer = await stub.fetch("https://conversation/socket", { headers });
    return new MemberSocket(upgraded(answer), lastingFrames);
  }

  /** One that has said hello. */
  static async join(
    conversationId: string,
    userId: string,
    hello: HelloFields = {},
  ): Promise<MemberSocket> {
    const socket = await MemberSocket.open(conversationId, userId);
    await socket.hello(hello);
    return socket;
  }

  /** Every frame of this type that came, taken or not. */
  framesOf<Type extends ServerFrame["type"]>(type: Type) {
    return this.texts
      .flatMap((text): ServerFrame[] => [JSON.parse(text)].flat())
      .filter((frame): frame is Extract<ServerFrame, { type: Type }> => frame.type === type);
  }

  /** Several frames leave as one text. */
  send(...frames: ClientFrameInput[]): void {
    this.socket.send(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  sendMessage(clientMessageId: string, content = clientMessageId): void {
    this.send({ type: "send", clientMessageId, message: { content } });
  }

  async hello(hello: HelloFields = {}): Promise<WelcomeFrame> {
    this.send({ type: "hello", version: PROTOCOL_VERSION, ...hello });
    return this.next("welcome");
  }
}
