import { expect, test, vi } from "vitest";
import { ParleyClient, type ParleyOptions } from "./parley-client.ts";
import type { WebSocketLike } from "./websocket-transport.ts";

/** A client of an edge that signs anybody in, and sockets that never open. */
async function signedIn(sockets?: ParleyOptions["sockets"]) {
  const dials: [path: string, token: string | undefined][] = [];
  class SilentSocket implements WebSocketLike {
    readonly readyState = 0;
    constructor(url: string, protocols: string[]) {
      dials.push([new URL(url).pathname, protocols.at(-1)]);
    }
    send(): void {}
    close(): void {}
    addEventListener(): void {}
  }
  const client = new ParleyClient({
    baseUrl: "https://edge",
    webSocket: SilentSocket,
    ...(sockets === undefined ? {} : { sockets }),
    fetch: async (_url, { body }) => {
      const { matricule } = JSON.parse(typeof body === "string" ? body : "{}");
      return Response.json({
        user: { userId: matricule, matricule, name: matricule },
        accessToken: matricule,
        refreshToken: "r",
        expiresIn: 900,
      });
    },
  });
  await client.login({ login: "ada", password: "" });
  const opened: { close(): void }[] = [];
  const open = () => {
    const links = [client.listFeed(), client.conversation("one"), client.conversation("two")];
    for (const link of links) link.open();
    opened.push(...links);
  };
  const close = () => opened.forEach((link) => link.close());
  return { client, dials, open, close };
}

test("each conversation and the list have a socket of their own unless it is said otherwise", async () => {
  const { dials, open, close } = await signedIn();
  open();
  await vi.waitUntil(() => dials.length === 3);
  expect(dials).toEqual([
    ["/socket", "bearer.ada"],
    ["/conversations/one/socket", "bearer.ada"],
    ["/conversations/two/socket", "bearer.ada"],
  ]);
  close();
});

test("[MUX-1] shared, all are on one socket; the next one who signs in has another", async () => {
  const { client, dials, open, close } = await signedIn("shared");
  open();
  await vi.waitUntil(() => dials.length > 0);
  await client.login({ login: "bo", password: "" });
  open();
  await vi.waitUntil(() => dials.length > 1);
  await client.logout();
  await client.register({ matricule: "cy", password: "", name: "Cy" });
  open();
  await vi.waitUntil(() => dials.length > 2);
  await new Promise(setImmediate);
  expect(dials).toEqual([
    ["/socket", "bearer.ada"],
    ["/socket", "bearer.bo"],
    ["/socket", "bearer.cy"],
  ]);
  close();
});
