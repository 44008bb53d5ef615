import type { ClientFrameInput } from "../protocol/client-frames.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../protocol/version.ts";
import { RawSocket } from "./raw-socket.ts";

type Hello = Partial<Extract<ClientFrameInput, { type: "hello" }>>;

/** A member's socket that has said hello, and the first text it got: the welcome, nearly always with a page of events. */
export async function greetedSocket(
  edgeUrl: string,
  conversationId: string,
  token: string,
  hello: Hello = {},
): Promise<{ socket: RawSocket; welcome: string }> {
  const url = `${edgeUrl}/conversations/${conversationId}/socket`;
  const socket = await RawSocket.open(url, [SUBPROTOCOL, `bearer.${token}`]);
  const welcome = socket.textWith('"type":"welcome"');
  socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, ...hello }));
  return { socket, welcome: await welcome };
}
