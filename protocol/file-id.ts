import { refusal, type Refusal } from "./error-codes.ts";
import { parseConversationId, type ConversationId } from "./ids.ts";
import { fail, ok, type Result } from "./result.ts";

/** `<conversationId>.f<n>`: a file id finds its object without a directory. */
export type FileId = string & { readonly __brand: "FileId" };

/** A file's conversation and its number there, from 1. */
export interface FileAddress {
  conversationId: ConversationId;
  n: number;
}

const FILE_ID = /^([A-Za-z0-9~_-]+)\.f([1-9][0-9]{0,14})$/;

export function fileIdOf({ conversationId, n }: FileAddress): FileId {
  return `${conversationId}.f${n}` as FileId; // the shape that parseFileId reads
}

export function parseFileId(value: unknown): Result<FileAddress, Refusal> {
  const match = typeof value === "string" ? FILE_ID.exec(value) : null;
  const conversationId = parseConversationId(match?.[1]);
  if (!conversationId.ok) return fail(refusal("INVALID_DATA", "not a file id"));
  return ok({ conversationId: conversationId.value, n: Number(match?.[2]) });
}
