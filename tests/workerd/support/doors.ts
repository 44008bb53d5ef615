import type { Env } from "../../../edge/env.ts";
import { api, type ApiAnswer } from "./api.ts";
import { FrameSocket } from "./frame-socket.ts";
import { EdgePlace } from "./gateway-client.ts";
import type { IoClient } from "./io-client.ts";

/** What a door says to a token: `open`, or the code of its refusal. */
export type Verdict = string;

/** One way in, for a token of somebody who is a member of nothing. */
export interface Door {
  name: string;
  /** It takes a handshake with a bad token in, and refuses what is asked after it. */
  isLenient?: true;
  knock: (deployment: Env, token: string) => Promise<Verdict>;
}

const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** Who got past the door learns that there is nothing, or that something was missing. */
const INSIDE: ReadonlySet<unknown> = new Set(["NOT_FOUND", "MISSING_DATA", "INVALID_DATA"]);

function verdictOf(code: unknown): Verdict {
  return INSIDE.has(code) ? "open" : String(code);
}

const rest = (method: string, path: string): Door => ({
  name: `${method} ${path.replaceAll(NOWHERE, "…")}`,
  knock: async (deployment, token) => {
    const answer: ApiAnswer = await api(method, path, { token, env: deployment });
    return answer.status < 300 ? "open" : verdictOf(answer.body["code"]);
  },
});

/** The three places of a token in an upgrade. Rule AUTH-2. */
const PLACES: Readonly<Record<string, (token: string) => [string, Record<string, string>]>> = {
  header: (token) => ["", { authorization: `Bearer ${token}` }],
  query: (token) => [`token=${token}`, {}],
  subprotocol: (token) => ["", { "sec-websocket-protocol": `parley.v1, bearer.${token}` }],
};

const socketDoors = (path: string): Door[] =>
  Object.entries(PLACES).map(([place, carry]) => ({
    name: `${path.replace(NOWHERE, "…")} by ${place}`,
    knock: async (deployment, token) => {
      const [query, headers] = carry(token);
      const upgrade = await new EdgePlace(deployment).upgrade(`${path}?${query}`, headers);
      const socket = new FrameSocket(upgrade, (text) => [JSON.parse(text)].flat());
      socket.socket.send(
        JSON.stringify({ type: "hello", version: 1, cursor: 0, conversationId: NOWHERE }),
      );
      const { code } = await socket.next("error");
      socket.socket.close(1000);
      return verdictOf(code);
    },
  }));

/** Whether a client that has connected may ask for anything. */
async function asked(client: IoClient): Promise<Verdict> {
  const answer: Record<string, unknown> = Object(await client.ask("getOnlineUsers"));
  client.close();
  return answer["success"] === true ? "open" : String(answer["code"]);
}

/** What comes first of the two answers to a token. */
async function signedIn(client: IoClient): Promise<Verdict> {
  for (;;) {
    const frame = String(await client.next());
    if (frame.startsWith('42["authenticated"')) return asked(client);
    if (!frame.startsWith('42["auth_error"')) continue;
    client.close();
    return Object(JSON.parse(frame.slice(2))[1]).code;
  }
}

const SOCKET_IO: Door[] = [
  {
    name: "Socket.IO auth.token",
    knock: async (deployment, token) => signedIn(await new EdgePlace(deployment).dial({ token })),
  },
  {
    name: "Socket.IO authenticate",
    knock: async (deployment, token) => {
      const client = await new EdgePlace(deployment).dial({});
      const answer: Record<string, unknown> = Object(await client.ask("authenticate", { token }));
      if (answer["success"] === true) return asked(client);
      client.close();
      return String(answer["code"]);
    },
  },
  {
    name: "Socket.IO handshake by query",
    isLenient: true,
    knock: async (deployment, token) =>
      asked(await new EdgePlace(deployment).dial({}, `&token=${token}`)),
  },
  {
    name: "Socket.IO handshake by header",
    isLenient: true,
    knock: async (deployment, token) =>
      asked(await new EdgePlace(deployment).dial({}, "", { authorization: `Bearer ${token}` })),
  },
];

/** A file that nobody has stored. */
const FILE = `${NOWHERE}.f1`;

export const DOORS: readonly Door[] = [
  rest("GET", "/auth/me"),
  rest("GET", "/conversations"),
  rest("GET", "/notifications"),
  rest("POST", "/messages"),
  ...socketDoors(`/conversations/${NOWHERE}/socket`),
  ...socketDoors("/socket"),
  ...SOCKET_IO,
  rest("GET", `/files/${FILE}`),
  rest("GET", `/files/${FILE}/download`),
  rest("GET", `/files/${FILE}/thumbnail/small`),
  rest("GET", `/files/${FILE}/info`),
  rest("DELETE", `/files/${FILE}`),
  rest("POST", "/files/upload"),
  rest("POST", "/files/presign"),
  rest("POST", `/api/chat/upload/${NOWHERE}`),
  rest("GET", `/uploads/${FILE}.png`),
];
