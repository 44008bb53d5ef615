import { multiplexText } from "../protocol/multiplex-frames.ts";
import { CONTENT, sendText } from "./writing.ts";

/** How one way in says the same: message `index` as it is sent, and what its delivery holds and its ack does not. */
export interface Wording {
  text(index: number, content?: string): string;
  mark(index: number): string;
}

const nativeMark = (index: number) => `"clientMessageId":"k${index}","message"`;

/** A conversation's own socket, and the baselines that repeat what they get. */
export const DIRECT: Wording = { text: sendText, mark: nativeMark };

/** A Gateway's native socket. */
export function multiplexed(conversationId: string): Wording {
  return {
    text: (index, content) => multiplexText(conversationId, sendText(index, content)),
    mark: nativeMark,
  };
}

/** Socket.IO, one packet a message. */
export function socketIo(conversationId: string): Wording {
  return {
    text: (index, content = CONTENT) =>
      `42["sendMessage",{"conversationId":"${conversationId}","clientMessageId":"k${index}","content":"${content}"}]`,
    mark: (index) => `"clientMessageId":"k${index}","createdAt"`,
  };
}
