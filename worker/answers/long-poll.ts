import { isShown } from "../../protocol/event.ts";
import { decodeServerText } from "../../protocol/frame-codec.ts";
import type { ConversationId } from "../../protocol/ids.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import type { TokenHolder } from "../../edge/auth/principal.ts";
import type { Env } from "../../edge/env.ts";
import { memberSocket } from "../sockets/member-socket.ts";

/**
 * Waits until the log holds something to show after `cursor`, or the time is over. A socket waits, not a call: a
 * pending call would keep the object awake, and the reader of a long poll is as present as one with a socket.
 */
export async function waitForNews(
  env: Env,
  id: ConversationId,
  reader: TokenHolder,
  { cursor, seconds, signal }: { cursor: number; seconds: number; signal: AbortSignal },
): Promise<void> {
  const opened = await memberSocket(env, id, reader);
  if (!opened.ok) return; // the history that follows says why
  const socket = opened.value;
  const ending = new AbortController();
  const news = new Promise<void>((resolve) => {
    socket.addEventListener("message", ({ data }) => {
      if (hasNews(data)) resolve();
    });
    socket.addEventListener("close", () => resolve());
  });
  socket.accept();
  socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, cursor }));
  const over = scheduler
    .wait(seconds * 1_000, { signal: AbortSignal.any([ending.signal, signal]) })
    .catch(() => undefined); // called off, by the news or by the client
  await Promise.race([news, over]);
  ending.abort();
  socket.close(1000, "done");
}

function hasNews(data: unknown): boolean {
  const frames = typeof data === "string" ? decodeServerText(data) : null;
  if (frames === null || !frames.ok) return true; // history tells what a frame does not
  return frames.value.some((frame) => frame.type === "events" && frame.events.some(isShown));
}
