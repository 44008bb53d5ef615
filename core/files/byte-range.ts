/** Bytes of a file: `length` of them from `offset`. */
export interface ByteRange {
  offset: number;
  length: number;
}

export type RangeOutcome =
  | { type: "whole" }
  | { type: "part"; range: ByteRange }
  | { type: "unsatisfiable" };

const ONE_RANGE = /^bytes=[\t ]*([0-9]*)-([0-9]*)[\t ]*$/i;

/**
 * Reads a Range header (RFC 9110, section 14.2) for a file of `size` bytes. What is not one range of bytes is ignored,
 * as the RFC allows: several ranges at once are a way to make a server work, not something players need.
 */
export function parseRange(header: string | null, size: number): RangeOutcome {
  const match = header === null ? null : ONE_RANGE.exec(header);
  if (match === null) return { type: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return { type: "whole" };
  if (first === "") return suffix(Number(last), size);
  const offset = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < offset) return { type: "whole" };
  if (offset >= size) return { type: "unsatisfiable" };
  return { type: "part", range: { offset, length: end - offset + 1 } };
}

export function contentRange({ offset, length }: ByteRange, size: number): string {
  return `bytes ${offset}-${offset + length - 1}/${size}`;
}

function suffix(wanted: number, size: number): RangeOutcome {
  if (wanted === 0 || size === 0) return { type: "unsatisfiable" };
  const length = Math.min(wanted, size);
  return { type: "part", range: { offset: size - length, length } };
}
