import * as v from "valibot";
import { personSchema, type Person } from "./chat-data.ts";

/** The worker's word on who opens a connection; taken out of every request from outside. */
export const PRINCIPAL_HEADER = "x-parley-principal";

export function principalHeader(person: Person): string {
  return encodeURIComponent(JSON.stringify(person));
}

/** Null when no token came with the handshake. */
export function readPrincipal(headers: Headers): Person | null {
  const text = headers.get(PRINCIPAL_HEADER);
  if (text === null) return null;
  return v.parse(personSchema, JSON.parse(decodeURIComponent(text)));
}
