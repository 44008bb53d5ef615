import * as v from "valibot";
import { userIdSchema } from "../../protocol/id-schemas.ts";

/** Who a connection belongs to, by a token that was read. */
export const personSchema = v.object({
  userId: userIdSchema,
  name: v.string(),
  matricule: v.nullable(v.string()),
  role: v.string(),
  /** When the token ends, epoch ms. */
  expiresAt: v.number(),
});
export type Person = v.InferOutput<typeof personSchema>;

const dialectSchema = v.picklist(["ngomna", "chat-svc"]);
export type Dialect = v.InferOutput<typeof dialectSchema>;

/** What a Socket.IO connection has to remember while the object sleeps. */
export const chatDataSchema = v.object({
  v: v.literal(1),
  person: v.nullable(personSchema),
  /** Until when somebody has to sign in, epoch ms. */
  authBy: v.nullable(v.number()),
  dialect: dialectSchema,
  /** How the user's Inbox knows it. */
  connectionId: v.string(),
  /** What it follows and how far it has got; also the client's recovery offset. */
  offset: v.string(),
});
export type ChatData = v.InferOutput<typeof chatDataSchema>;

/** What is remembered of an Engine.IO handshake. */
export const handshakeSchema = v.object({
  person: v.nullable(personSchema),
  dialect: dialectSchema,
});
export type ChatHandshake = v.InferOutput<typeof handshakeSchema>;
