import { FILE_BYTES, ParleyError, type MessageEvent } from "../client/index.ts";
import { inWords } from "./words.ts";

const UNITS = ["kB", "MB", "GB"] as const;

/** A size as people say it: powers of a thousand, two digits that count. */
export function bytesInWords(bytes: number): string {
  if (bytes === 1) return "1 byte";
  let [value, unit]: [number, string] = [bytes, "bytes"];
  for (const larger of UNITS) {
    // what would be rounded to a thousand is one of the larger unit
    if (value < 999.5) break;
    [value, unit] = [value / 1_000, larger];
  }
  const digits = unit !== "bytes" && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

export function tooLarge({ name, size }: { name: string; size: number }): string {
  const most = bytesInWords(FILE_BYTES);
  return `“${name}” has ${bytesInWords(size)}. One file may have ${most} at most.`;
}

const SENTENCES: Record<string, string> = {
  QUOTA_FULL: "There is no room left for your files. Delete some that you have sent.",
  UNSUPPORTED_TYPE: "What is in this file is not what its name says, so it is not taken.",
  NETWORK: "No connection. It goes on when there is one again.",
  NOT_FOUND: "This conversation takes no files from you.",
};

/** Why a file was not sent. */
export function notSent(error: unknown, file: { name: string; size: number }): string {
  if (!(error instanceof ParleyError)) return "This file cannot be read any more. Choose it again.";
  if (error.code === "TOO_LARGE") return tooLarge(file);
  return SENTENCES[error.code] ?? inWords(error);
}

const KINDS: Record<string, string> = { IMAGE: "Picture", VIDEO: "Video", AUDIO: "Audio" };

/** A message in one line. */
export function inOneLine({ deletedAt, message }: MessageEvent): string {
  if (deletedAt !== undefined) return "Message deleted";
  const hasFiles = message.attachments !== undefined && message.attachments.length > 0;
  return message.content === "" && hasFiles ? (KINDS[message.type] ?? "File") : message.content;
}
