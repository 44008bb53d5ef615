import type { FileRecord } from "../../core/files/file-record.ts";
import { kindOf, type FileKind } from "../../core/files/media-type.ts";
import type { MessageView } from "../../durable-objects/rpc.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { MessageDraft } from "../../protocol/message.ts";
import type { Env } from "../env.ts";
import { sendMessage } from "../sending.ts";
import { askConversation } from "./file-calls.ts";

const MESSAGE_TYPES = {
  image: "IMAGE",
  video: "VIDEO",
  audio: "AUDIO",
  document: "FILE",
} as const satisfies Record<FileKind, MessageDraft["type"]>;

/** Says in the conversation that a file is there. A file that was uploaded to be said goes again if it may not be. */
export async function sendFileMessage(
  env: Env,
  senderId: UserId,
  file: FileRecord,
  said: Pick<MessageDraft, "content" | "metadata"> & {
    clientMessageId: string;
    traceparent: string | undefined;
  },
): Promise<MessageView> {
  const { clientMessageId, traceparent, ...words } = said;
  const message = {
    type: MESSAGE_TYPES[kindOf(file.mimeType)],
    attachments: [fileIdOf(file)],
    ...words,
  };
  try {
    const sends = [{ clientMessageId, message }] as const;
    const { view } = await sendMessage(env, file.conversationId, senderId, { sends }, traceparent);
    return view;
  } catch (error) {
    await askConversation(env, file, (stub) => stub.deleteFile(senderId, file.n));
    throw error;
  }
}
