import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** What a server says to an upgrade that it refuses; clients of WebSockets hide it. */
export async function upgradeAnswer(
  url: string,
): Promise<{ status: number | undefined; contentType: string | undefined; body: string }> {
  const upgrade = request(url, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    },
  }).end();
  const [answer] = (await once(upgrade, "response")) as [IncomingMessage]; // the event's one argument
  return {
    status: answer.statusCode,
    contentType: answer.headers["content-type"],
    body: await text(answer),
  };
}
