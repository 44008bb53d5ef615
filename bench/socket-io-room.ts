import { openAll, type Arena } from "./arena.ts";
import type { NodeChat } from "./node-server/node-chat.ts";
import { RawSocket } from "./raw-socket.ts";

const PROOF = { question: "2", answer: "3" };

/** Members of one conversation, each on a Socket.IO connection of his own; the first one founded it. */
export async function parleyRoom(arena: Arena, users: readonly string[]): Promise<RawSocket[]> {
  return openAll(users, async (user) => {
    const token = await arena.parley.token(user);
    // the first offset ends a sign-in
    return connected(arena.parley.url, token, '42["offset"');
  });
}

/** As many clients in one room of the Node server. */
export async function nodeRoom(
  server: NodeChat,
  conversationId: string,
  users: readonly string[],
): Promise<RawSocket[]> {
  return openAll(users, async (user) => {
    const socket = await connected(server.url, user, "40{");
    const joined = socket.textWith('42["joined"');
    socket.send(`42["join","${conversationId}"]`);
    await joined;
    return socket;
  });
}

/** A WebSocket from the start, as a client with `transports: ["websocket"]` opens it; up to the text with `mark`. */
async function connected(url: string, token: string, mark: string): Promise<RawSocket> {
  const socket = await RawSocket.open(`${url}/socket.io/?EIO=4&transport=websocket`, [], PROOF);
  const ready = socket.textWith(mark);
  socket.send(`40${JSON.stringify({ token })}`);
  await ready;
  return socket;
}
