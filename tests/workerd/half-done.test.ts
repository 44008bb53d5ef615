import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { RefreshTokenStore } from "../../edge/auth/refresh-token-store.ts";
import { api, PASSWORD, problem, refusalOf, register } from "./support/api.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { freshUser, inboxOf } from "./support/people.ts";
import { accountIdOf, passwordHashOf } from "./support/stored-accounts.ts";
import { adminToken } from "./support/tokens.ts";

/** While `work` runs the database refuses a kind of write about one target, as it may in the middle of any request. */
async function whileRefused(
  write: "INSERT ON audit" | "DELETE ON refresh_token",
  target: string,
  work: () => Promise<void>,
): Promise<void> {
  const row = write === "INSERT ON audit" ? "new.target" : "old.user_id";
  // the statement takes no bound values; ids are drawn from letters, digits and -
  await env.DB.prepare(
    `CREATE TRIGGER refused BEFORE ${write} WHEN ${row} = '${target}'
     BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  ).run();
  await work().finally(() => env.DB.prepare("DROP TRIGGER refused").run());
}

const login = (matricule: string, password: string) =>
  api("POST", "/auth/login", { body: { matricule, password } });

const auditOf = async (target: string) => {
  const { data } = await api("GET", `/admin/audit?target=${target}`, { token: await adminToken() });
  return [data["entries"]].flat().map((entry) => Object(entry).action);
};

describe("a new password", () => {
  const newPassword = "another good password";

  test("and the end of all sign-ins come together or not at all", async () => {
    const { user, accessToken: token } = await register();
    const body = { newPassword, currentPassword: PASSWORD };
    const change = () => api("PATCH", "/auth/me", { token, body });
    await whileRefused("DELETE ON refresh_token", user.userId, async () => {
      expect(refusalOf(await change())).toEqual(problem(500, "INTERNAL"));
    });
    expect((await login(user.matricule, PASSWORD)).status).toBe(200);
    expect((await change()).status).toBe(200);
    const { body: me } = await api("GET", "/auth/sessions", { token });
    expect(me["signIns"]).toEqual([]);
  });

  test("that comes to nothing, since the address with it is taken, ends no sign-in", async () => {
    const [ada, bob] = await Promise.all([register(), register()]);
    const body = { newPassword, currentPassword: PASSWORD, email: bob.user.email };
    const refused = await api("PATCH", "/auth/me", { token: ada.accessToken, body });
    expect(refusalOf(refused)).toEqual(problem(409, "ALREADY_EXISTS"));
    const { refreshToken } = ada;
    expect((await api("POST", "/auth/refresh", { body: { refreshToken } })).status).toBe(200);
  });

  test("leaves no sign-in to whose old password was being compared meanwhile", async () => {
    const { user, accessToken: token } = await register();
    const compared = await passwordHashOf(user.userId);
    const body = { newPassword, currentPassword: PASSWORD };
    expect((await api("PATCH", "/auth/me", { token, body })).status).toBe(200);
    const tokens = new RefreshTokenStore(env.DB);
    const signIn = (hash: string) =>
      tokens.issue(accountIdOf(user), hash, { device: "", now: Date.now() });
    expect(await signIn(compared)).toBeNull();
    expect(await tokens.signIns(user.userId)).toEqual([]);
    expect(await signIn(await passwordHashOf(user.userId))).toEqual(expect.any(String));
  });
});

describe("what staff does and the audit log's word of it come together or not at all:", () => {
  test("a suspension and its end", async () => {
    const { user } = await register();
    const token = await adminToken();
    const at = `/admin/suspensions/${user.userId}`;
    const body = { seconds: 3_600, reason: "spam" };
    const suspend = () => api("PUT", at, { token, body });
    const reinstate = () => api("DELETE", at, { token });
    await whileRefused("INSERT ON audit", user.userId, async () => {
      expect((await suspend()).status).toBe(500);
    });
    expect((await login(user.matricule, PASSWORD)).status).toBe(200);
    expect((await suspend()).status).toBe(200);
    await whileRefused("INSERT ON audit", user.userId, async () => {
      expect((await reinstate()).status).toBe(500);
    });
    expect(refusalOf(await login(user.matricule, PASSWORD))).toEqual(problem(403, "FORBIDDEN"));
    expect((await reinstate()).status).toBe(204);
    expect(refusalOf(await reinstate())).toEqual(problem(404, "NOT_FOUND"));
    expect(await auditOf(user.userId)).toEqual(["user_reinstated", "user_suspended"]);
  });

  test("the end of a service's key", async () => {
    const token = await adminToken();
    const made = await api("POST", "/admin/api-keys", { token, body: { name: "Bot" } });
    const keyId = String(made.data["keyId"]);
    const remove = () => api("DELETE", `/admin/api-keys/${keyId}`, { token });
    await whileRefused("INSERT ON audit", keyId, async () => {
      expect((await remove()).status).toBe(500);
    });
    expect((await remove()).status).toBe(204);
    expect(await auditOf(keyId)).toEqual(["api_key_removed", "api_key_made"]);
  });

  test("another role", async () => {
    const { user } = await register();
    const token = await adminToken();
    const promote = () =>
      api("PUT", `/admin/users/${user.userId}/role`, { token, body: { role: "admin" } });
    await whileRefused("INSERT ON audit", user.userId, async () => {
      expect((await promote()).status).toBe(500);
    });
    const signedIn = await login(user.matricule, PASSWORD);
    expect(signedIn.body["user"]).toMatchObject({ role: "user" });
    expect((await promote()).data).toMatchObject({ role: "admin" });
    expect(await auditOf(user.userId)).toEqual(["role_changed"]);
  });
});

test("who was let back in by a request that was cut off is let in by its repeat", async () => {
  const me = freshUser();
  // as when the row went and the Inbox did not hear of it
  await inboxOf(me).suspend(Date.now() + 3_600_000);
  const token = await adminToken();
  const repeated = await api("DELETE", `/admin/suspensions/${me}`, { token });
  expect(refusalOf(repeated)).toEqual(problem(404, "NOT_FOUND"));
  const client = await new EdgePlace().connect(me);
  expect(await client.ask("getOnlineUsers")).toMatchObject({ success: true });
});
