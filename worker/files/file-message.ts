import type { FileRecord } from "../../core/files/file-record.ts";
import { kindOf, type FileKind } from "../../core/files/media-type.ts";
import type { MessageView } from "../../edge/rpc/conversation-rpc.ts";
import { fileIdOf, parseFileId } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { MessageDraft } from "../../protocol/message.ts";
import type { Env } from "../../edge/env.ts";
import { accept } from "../../edge/refused-error.ts";
import { sendMessage } from "../calls/sending.ts";
import { askConversation } from "./file-calls.ts";
import type { FormUpload } from "./form-upload.ts";

const MESSAGE_TYPES = {
  image: "IMAGE",
  video: "VIDEO",
  audio: "AUDIO",
  document: "FILE",
} as const satisfies Record<FileKind, MessageDraft["type"]>;

/**
 * Says in the conversation that a file is there. A file that was uploaded to be said goes again if it may not be, and
 * when it came again: then the answer is the message and the file of the first time. One of an earlier request stays.
 */
export async function sendFileMessage(
  env: Env,
  senderId: UserId,
  { file, repeated: isKnown }: Pick<FormUpload, "file" | "repeated">,
  said: Pick<MessageDraft, "content" | "metadata"> & {
    clientMessageId: string;
    traceparent: string | undefined;
  },
): Promise<{ view: MessageView; file: FileRecord }> {
  const { clientMessageId, traceparent, ...words } = said;
  const message = {
    type: MESSAGE_TYPES[kindOf(file.mimeType)],
    attachments: [fileIdOf(file)],
    ...words,
  };
  const drop = async () => {
    if (!isKnown) await askConversation(env, file, (stub) => stub.deleteFile(senderId, file.n));
  };
  try {
    const sends = [{ clientMessageId, message }] as const;
    const { view, repeated } = await sendMessage(
      env,
      file.conversationId,
      senderId,
      { sends },
      traceparent,
    );
    if (!repeated) return { view, file };
    const first = accept(parseFileId(firstAttachment(view)));
    const known = await askConversation(env, first, (stub) => stub.file(senderId, first.n));
    await drop();
    return { view, file: known };
  } catch (error) {
    await drop();
    throw error;
  }
}

function firstAttachment({ event }: MessageView): string | undefined {
  return event.type === "message" ? event.message.attachments?.[0] : undefined;
}
