import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { api, PASSWORD, problem, refusalOf, register } from "./support/api.ts";
import { foundGroup, send } from "./support/conversations.ts";
import { FrameSocket } from "./support/frame-socket.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { MemberSocket } from "./support/member-socket.ts";
import { Multiplexed } from "./support/multiplexed.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { adminToken, mintToken } from "./support/tokens.ts";

test("a suspended user gets in by no door, until let back in", async () => {
  const { user, accessToken: token, refreshToken } = await register();
  const admin = await adminToken();
  const at = `/admin/suspensions/${user.userId}`;
  const body = { seconds: 3_600, reason: "spam" };
  expect((await api("PUT", at, { token: admin, body })).data).toMatchObject({ reason: "spam" });
  const doors = async () => [
    await api("GET", "/auth/me", { token }),
    await api("POST", "/auth/login", { body: { matricule: user.matricule, password: PASSWORD } }),
    await api("POST", "/login", { body: { matricule: user.matricule, password: PASSWORD } }),
    await api("POST", "/validate", { body: { token } }),
  ];
  for (const answer of await doors()) expect(refusalOf(answer)).toEqual(problem(403, "FORBIDDEN"));
  const { data } = await api("GET", "/admin/suspensions", { token: admin });
  expect(data["suspensions"]).toMatchObject([{ userId: user.userId, suspendedBy: "root" }]);
  expect((await api("DELETE", at, { token: admin })).status).toBe(204);
  for (const answer of await doors()) expect(answer.status).toBe(200);
  // who was sent away signs in anew
  const refreshed = await api("POST", "/auth/refresh", { body: { refreshToken } });
  expect(refusalOf(refreshed)).toEqual(problem(401, "INVALID_TOKEN"));
});

test("a suspended user who guesses a wrong password is told no more than others", async () => {
  const { user } = await register();
  const admin = await adminToken();
  const body = { seconds: 3_600, reason: "spam" };
  await api("PUT", `/admin/suspensions/${user.userId}`, { token: admin, body });
  const login = { matricule: user.matricule, password: "a wrong guess" };
  expect(refusalOf(await api("POST", "/auth/login", { body: login }))).toEqual(
    problem(401, "INVALID_CREDENTIALS"),
  );
});

test("a suspended service gets in by its key no more than a user by a token", async () => {
  const admin = await adminToken();
  const made = await api("POST", "/admin/api-keys", { token: admin, body: { name: "Bot" } });
  const token = String(made.data["apiKey"]);
  expect((await api("GET", "/auth/me", { token })).status).toBe(200);
  const at = `/admin/suspensions/${String(made.data["userId"])}`;
  const body = { seconds: 3_600, reason: "runs wild" };
  expect((await api("PUT", at, { token: admin, body })).status).toBe(200);
  const refused = await api("GET", "/auth/me", { token });
  expect(refusalOf(refused)).toEqual(problem(403, "FORBIDDEN"));
  expect((await api("DELETE", at, { token: admin })).status).toBe(204);
  expect((await api("GET", "/auth/me", { token })).status).toBe(200);
});

describe("[AUTH-5] a suspension", () => {
  const hourOn = () => Date.now() + 3_600_000;
  const suspend = async (userId: string) => {
    const admin = await adminToken();
    const body = { seconds: 3_600, reason: "spam" };
    const { status } = await api("PUT", `/admin/suspensions/${userId}`, { token: admin, body });
    expect(status).toBe(200);
  };

  test("closes all that is open by the time it is answered, and nothing of others", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([you, me]);
    const io = await place.connect(me);
    const native = await Multiplexed.open(place, await mintToken(me));
    const direct = await MemberSocket.join(group.id, me);
    // it has not said hello, so no Inbox knows of it
    const silent = await MemberSocket.open((await foundGroup([you, me])).id, me);
    const other = await place.connect(you);
    await suspend(me);
    expect(await io.nextEvent("auth_error")).toMatchObject({ code: "FORBIDDEN" });
    await io.closed;
    expect(await native.closed).toBe(CLOSE_CODES.forbidden);
    expect(await direct.closed).toBe(CLOSE_CODES.forbidden);
    expect(await silent.closed).toBe(CLOSE_CODES.forbidden);
    await send(group, you, "still here");
    expect(await other.nextEvent("newMessage")).toMatchObject({ content: "still here" });
  });

  test("keeps out whose token a door still takes, since its list is some seconds old", async () => {
    const place = new EdgePlace();
    const [me, you] = [freshUser(), freshUser()];
    const group = await foundGroup([you, me]);
    // as at a door that has not heard of it
    await inboxOf(me).suspend(hourOn());
    const token = await mintToken(me);
    const native = await Multiplexed.open(place, token);
    expect(await native.closed).toBe(CLOSE_CODES.forbidden);
    const path = `/conversations/${group.id}/socket?token=${token}`;
    const direct = new FrameSocket(await place.upgrade(path), () => []);
    direct.socket.send(JSON.stringify({ type: "hello", version: 1 }));
    expect(await direct.closed).toBe(CLOSE_CODES.forbidden);
    const client = await place.dial({ token });
    expect(await client.nextEvent("auth_error")).toMatchObject({ code: "FORBIDDEN" });
    expect(await client.ask("getOnlineUsers")).toMatchObject({
      success: false,
      code: "INVALID_TOKEN",
    });
    await inboxOf(me).suspend(0);
    await place.connect(me);
  });
});
