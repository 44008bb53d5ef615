import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../protocol/limits.ts";
import { foundGroup, range, send, sendMany } from "./support/conversations.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser } from "./support/people.ts";
import { mintToken } from "./support/tokens.ts";

/** A Gateway that sleeps with its sockets open, as the platform has it do after some idle seconds. */

test("[RES-3] a resume goes on from the page that it had reached", async () => {
  const place = new EdgePlace();
  const [me, you] = [freshUser(), freshUser()];
  const [resumed, quiet] = [await foundGroup([me, you]), await foundGroup([me, you])];
  const missed = 2 * LIMITS.pageEvents + 20;
  await sendMany(resumed, you, missed);
  const ada = await Multiplexed.open(place, await mintToken(me));
  ada.hello(quiet.id);
  await ada.next(quiet.id, "welcome");
  ada.hello(resumed.id);
  expect(await ada.next(resumed.id, "events")).toMatchObject({ more: true });
  await evictDurableObject(place.nativeGateway, { webSockets: "hibernate" });
  ada.say(resumed.id, { type: "next" });
  expect(await ada.seqs(resumed.id, missed)).toEqual(range(LIMITS.pageEvents + 1, missed));
  await send(resumed, you, "live");
  expect(await ada.seqs(resumed.id, missed + 1)).toEqual([missed + 1]);
  await send(quiet, you, "live");
  ada.say(quiet.id, { type: "next" });
  expect(await ada.seqs(quiet.id, 1)).toEqual([1]);
  expect(ada.unread(quiet.id).filter(({ type }) => type === "events")).toEqual([]);
});
