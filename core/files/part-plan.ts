import { LIMITS } from "../../protocol/limits.ts";

/** One part of an upload: numbered from 1. All are equally long, except a shorter last one: R2 takes no others. */
export interface PlannedPart {
  part: number;
  offset: number;
  length: number;
}

const MEBIBYTE = 1_048_576;

/** How long the parts of a file of `size` bytes are: one for small files, at most `fileParts` for large ones. */
export function partBytesFor(size: number): number {
  if (size <= LIMITS.singlePutBytes) return Math.max(size, 1);
  const least = Math.ceil(size / LIMITS.fileParts / MEBIBYTE) * MEBIBYTE;
  return Math.max(LIMITS.partBytes, least);
}

export function planParts(size: number, partBytes: number): PlannedPart[] {
  const count = Math.max(1, Math.ceil(size / partBytes));
  return Array.from({ length: count }, (_, index) => ({
    part: index + 1,
    offset: index * partBytes,
    length: Math.min(partBytes, size - index * partBytes),
  }));
}
