import type * as v from "valibot";
import type { ErrorCode } from "../../protocol/error-codes.ts";

/** Who may call: anybody, whoever is signed in, the deployment's services and admins, admins alone. */
export type Access = "open" | "user" | "staff" | "admin";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** Success statuses that a route may answer. */
export type Success = 200 | 201 | 202 | 204;

/** What one route takes and answers: the one source of its validation and of its place in /openapi.json. */
export interface Contract {
  method: Method;
  /** In Hono's form: `/messages/:messageId`. */
  path: `/${string}`;
  summary: string;
  tag: Tag;
  access: Access;
  params?: v.GenericSchema;
  query?: v.GenericSchema;
  body?: v.GenericSchema;
  /** What success carries, in the envelope unless `bare`. Absent: no content. */
  answer?: v.GenericSchema;
  bare?: true;
  /** The answer has an ETag, and a client that has it already gets 304. */
  tagged?: true;
  /** The first one is the usual one. */
  statuses: readonly [Success, ...Success[]];
  /** Refusals beside those that every route may give (openapi.ts). */
  refusals?: readonly ErrorCode[];
  /** Request headers that mean something here. */
  headers?: Readonly<Record<string, string>>;
}

/** A route whose body is bytes, and which reads and writes them itself: described, and nothing more. */
export interface ByteContract extends Omit<Contract, "access" | "statuses" | "body"> {
  /** `signed`: a token, or the signature of a URL that somebody with a token was given. */
  access: Access | "signed";
  statuses: readonly [Success | 302, ...(Success | 302)[]];
  /** Fields of a form; it is read as it comes. */
  form?: v.GenericSchema;
  /** The request's body is bytes. */
  takesBytes?: true;
  /** Media type of an answer of bytes. */
  bytes?: string;
  /** A part of the bytes may be asked for. */
  ranged?: true;
}

/** Chapters of the reference, in its order. */
export const TAGS = {
  accounts: "Sign-in, tokens and the own profile",
  users: "The directory, presence and blocks",
  conversations: "Direct conversations and groups: the list, reading, settings",
  members: "Who belongs to a group, and as what",
  messages: "Sending, history, edits, receipts and reactions",
  files: "Uploads, what is known about files, and their removal",
  broadcasts: "One message to many people, each in their own conversation",
  moderation: "Reports, suspensions and the audit log",
  deployment: "Keys, health and this description",
} as const;
export type Tag = keyof typeof TAGS;
