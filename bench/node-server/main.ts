import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import * as v from "valibot";
import { newMessage } from "../../core/chat/ngomna-render.ts";
import { conversationIdSchema } from "../../protocol/id-schemas.ts";
import { messageIdOf } from "../../protocol/ids.ts";
import { MessageTable } from "./message-table.ts";

/**
 * The way most people would write the same chat: one Node process with `socket.io`, a room, and a table. With a file's
 * name each message is committed before anybody hears of it; without one nothing is stored. Prints its port.
 */
const payloadSchema = v.object({
  conversationId: conversationIdSchema,
  clientMessageId: v.string(),
  content: v.string(),
});

const [file] = process.argv.slice(2);
const table = file === undefined ? null : new MessageTable(file);
const time = (at: number) => new Date(at).toISOString();
const context = { time, matriculeOf: () => null };
let head = table?.head ?? 0;

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  const senderId = String(socket.handshake.auth["token"]);
  socket.on("join", async (room: string) => {
    await socket.join(room);
    socket.emit("joined", { room });
  });
  socket.on("sendMessage", (payload: unknown) => {
    const { conversationId, clientMessageId, content } = v.parse(payloadSchema, payload);
    const seq = ++head;
    const at = Date.now();
    table?.insert({ seq, at, senderId, clientMessageId, content });
    const message = { type: "TEXT" as const, content };
    const event = { seq, at, type: "message" as const, senderId, clientMessageId, message };
    const messageId = messageIdOf(conversationId, seq);
    socket.to(conversationId).emit("newMessage", newMessage(conversationId, event, context));
    const timestamp = time(at);
    const sent = { messageId, conversationId, seq, clientMessageId, status: "SENT", timestamp };
    socket.emit("message_sent", sent);
  });
});
http.listen(0, "127.0.0.1", () => {
  console.log((http.address() as AddressInfo).port); // a TCP server's address is this
});
