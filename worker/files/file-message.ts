import type { FileRecord } from "../../core/files/file-record.ts";
import { kindOf, type FileKind } from "../../core/files/media-type.ts";
import { fileIdOf } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { MessageDraft } from "../../protocol/message.ts";
import { messageAnswer } from "../conversation-answers.ts";
import type { Env } from "../env.ts";
import { sendMessage } from "../sending.ts";

const MESSAGE_TYPES = {
  image: "IMAGE",
  video: "VIDEO",
  audio: "AUDIO",
  document: "FILE",
} as const satisfies Record<FileKind, MessageDraft["type"]>;

/** Says in the conversation that a file is there. */
export async function sendFileMessage(
  env: Env,
  senderId: UserId,
  file: FileRecord,
  said: { content: string; clientMessageId: string },
) {
  const message = {
    type: MESSAGE_TYPES[kindOf(file.mimeType)],
    content: said.content,
    attachments: [fileIdOf(file)],
  };
  const { view } = await sendMessage(env, file.conversationId, senderId, {
    sends: [{ clientMessageId: said.clientMessageId, message }],
  });
  return messageAnswer(file.conversationId, view);
}
