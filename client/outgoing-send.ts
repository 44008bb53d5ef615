import type * as v from "valibot";
import { clientFrameSchema, type ClientFrameInput } from "../protocol/client-frames.ts";
import { refusal, type Refusal } from "../protocol/error-codes.ts";
import { fitting } from "../protocol/fitting.ts";
import { LIMITS } from "../protocol/limits.ts";
import { messageDraftSchema } from "../protocol/message.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { exceedsUtf8 } from "../protocol/utf8.ts";

/** A message as an application writes it: text, or text and more. */
export type MessageInput = string | v.InferInput<typeof messageDraftSchema>;

/**
 * Printable ASCII: so a `hello` with `LIMITS.pendingKeys` of the longest keys, each character escaped, still fits
 * `LIMITS.clientFrameBytes`.
 */
const CLIENT_MESSAGE_ID = new RegExp(`^[ -~]{1,${LIMITS.clientMessageIdChars}}$`);

/** Leaves room for the address that a frame has on a shared socket: ids of pairs are long when each character is escaped. */
const FRAME_BYTES = LIMITS.clientFrameBytes - 8_192;

/** A change of the conversation that is no message. */
export type ChangeInput = DistributiveOmit<
  Extract<ClientFrameInput, { type: "edit" | "delete" | "react" }>,
  "clientMessageId"
>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The frame of a send, checked here as the server will check it: a refusal must not cost a round trip. */
export function encodeSend(
  clientMessageId: string,
  input: MessageInput,
  { ifLastSeq, traceparent }: { ifLastSeq?: number; traceparent?: string } = {},
): Result<string, Refusal> {
  const message = fitting(
    messageDraftSchema,
    typeof input === "string" ? { content: input } : input,
  );
  if (!message.ok) return message;
  return encode({
    type: "send",
    clientMessageId,
    message: message.value,
    ...(ifLastSeq === undefined ? {} : { ifLastSeq }),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
}

/** The frame of any other change. */
export function encodeChange(
  clientMessageId: string,
  change: ChangeInput,
): Result<string, Refusal> {
  const frame = fitting(clientFrameSchema, { ...change, clientMessageId });
  return frame.ok ? encode({ ...change, clientMessageId }) : frame;
}

function encode(
  frame: Extract<ClientFrameInput, { clientMessageId: string }>,
): Result<string, Refusal> {
  if (!CLIENT_MESSAGE_ID.test(frame.clientMessageId)) {
    const most = LIMITS.clientMessageIdChars;
    return fail(
      refusal("INVALID_DATA", `a clientMessageId is 1 to ${most} printable ASCII characters`),
    );
  }
  const text = JSON.stringify(frame);
  if (exceedsUtf8(text, FRAME_BYTES)) {
    return fail(refusal("TOO_LARGE", `a message is at most ${FRAME_BYTES} bytes in its frame`));
  }
  return ok(text);
}
