import { multiplexText } from "../protocol/multiplex-frames.ts";
import { PROTOCOL_VERSION, SUBPROTOCOL } from "../protocol/version.ts";
import { DIRECT_PROOF, RawSocket } from "./raw-socket.ts";

/** A native socket of the Gateway of a place that follows one conversation from now on. */
export async function multiplexSocket(
  edgeUrl: string,
  conversationId: string,
  token: string,
  place: string,
): Promise<RawSocket> {
  const proof = {
    question: multiplexText(conversationId, DIRECT_PROOF.question),
    answer: multiplexText(conversationId, DIRECT_PROOF.answer),
  };
  const protocols = [SUBPROTOCOL, `bearer.${token}`];
  const socket = await RawSocket.open(`${edgeUrl}/socket?place=${place}`, protocols, proof);
  const welcome = socket.textWith('"type":"welcome"');
  const hello = { type: "hello", version: PROTOCOL_VERSION, last: 0 };
  socket.send(multiplexText(conversationId, JSON.stringify(hello)));
  await welcome;
  return socket;
}
