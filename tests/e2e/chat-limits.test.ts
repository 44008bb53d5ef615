import { expect, it } from "vitest";
import { chatPlace, CLIENT_KINDS, person } from "../support/chat-place.ts";

/** How long and how much: a deployment that lets a session say five things at once, and one an hour after that. */
const place = chatPlace(CLIENT_KINDS[0], {
  SESSION_BURST: "5",
  SESSION_FRAMES_PER_SECOND: "0.0003",
});

it("[LIM-14] a connection may say as much as the deployment allows", async () => {
  const client = await place.connect(person());
  for (let n = 0; n < 5; n++) expect(await client.call("ping")).toMatchObject({ success: true });
  expect(await client.call("ping")).toMatchObject({
    success: false,
    code: "RATE_LIMITED",
    retryAfterMs: expect.any(Number),
  });
});

it("who does not sign in for ten seconds is sent away, for good", async () => {
  const client = place.dial({ auth: { token: "bad" } });
  expect(await client.next("auth_error")).toMatchObject({ code: "INVALID_TOKEN" });
  const reason = await new Promise((resolve) => client.socket.once("disconnect", resolve));
  expect(reason).toBe("io server disconnect");
  expect(client.socket.active).toBe(false);
});
