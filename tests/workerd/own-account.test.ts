import { describe, expect, test } from "vitest";
import {
  api,
  PASSWORD,
  problem,
  refusalOf,
  register,
  signInOf,
  type SignIn,
} from "./support/api.ts";
import { adminToken, mintToken } from "./support/tokens.ts";

const patch = ({ accessToken: token }: SignIn, body: object) =>
  api("PATCH", "/auth/me", { token, body });
const login = (who: object, password: string) =>
  api("POST", "/auth/login", { body: { ...who, password } });

describe("the own account", () => {
  test("takes a new name, and shows it to others", async () => {
    const ada = await register("Ada");
    expect((await patch(ada, { name: " Countess " })).body).toMatchObject({
      user: { ...ada.user, name: "Countess" },
    });
    const seen = await api("GET", `/users/${ada.user.userId}`, { token: ada.accessToken });
    expect(seen.data["name"]).toBe("Countess");
  });

  test("takes a new password from who knows the old one, and ends every sign-in", async () => {
    const ada = await register();
    const { matricule } = ada.user;
    const newPassword = "another good password";
    expect(refusalOf(await patch(ada, { newPassword }))).toEqual(problem(400, "INVALID_DATA"));
    const wrong = await patch(ada, { newPassword, currentPassword: "not it at all" });
    expect(refusalOf(wrong)).toEqual(problem(401, "INVALID_CREDENTIALS"));
    expect((await patch(ada, { newPassword, currentPassword: PASSWORD })).status).toBe(200);
    expect((await login({ matricule }, PASSWORD)).status).toBe(401);
    expect((await login({ matricule }, newPassword)).status).toBe(200);
    const { refreshToken } = ada;
    const refreshed = await api("POST", "/auth/refresh", { body: { refreshToken } });
    expect(refusalOf(refreshed)).toEqual(problem(401, "INVALID_TOKEN"));
  });

  test("does not take the address of somebody else", async () => {
    const [ada, bob] = await Promise.all([register(), register()]);
    const change = { email: bob.user.email, currentPassword: PASSWORD };
    expect(refusalOf(await patch(ada, change))).toEqual(problem(409, "ALREADY_EXISTS"));
  });

  test("guessing the current password is slowed down", async () => {
    const ada = await register();
    const guesses: unknown[] = [];
    for (let n = 0; n < 7; n++) {
      const guess = { newPassword: "another good one", currentPassword: `guess ${n}` };
      guesses.push((await patch(ada, guess)).body["code"]);
    }
    expect(guesses.filter((code) => code === "RATE_LIMITED")).toHaveLength(2);
  });

  test("lists its sign-ins, and ends one of them and no stranger's", async () => {
    const [ada, mallory] = await Promise.all([register(), register()]);
    const phone = signInOf(
      await api("POST", "/auth/login", {
        body: { matricule: ada.user.matricule, password: PASSWORD },
        headers: { "user-agent": "Phone" },
      }),
    );
    const token = ada.accessToken;
    const { body } = await api("GET", "/auth/sessions", { token });
    const signIns = [body["signIns"]].flat().map(Object);
    expect(signIns).toHaveLength(2);
    const { signInId } = signIns.find(({ device }) => device === "Phone");
    const end = (by: string) => api("DELETE", `/auth/sessions/${signInId}`, { token: by });
    expect(refusalOf(await end(mallory.accessToken))).toEqual(problem(404, "NOT_FOUND"));
    expect((await end(token)).status).toBe(204);
    const refresh = ({ refreshToken }: SignIn) =>
      api("POST", "/auth/refresh", { body: { refreshToken } });
    expect((await refresh(phone)).status).toBe(401);
    expect((await refresh(ada)).status).toBe(200);
  });
});

describe("auth-user-service's paths", () => {
  test("sign in and validate, with the password", async () => {
    const ada = await register("Ada Lovelace");
    const { matricule, userId } = ada.user;
    const user = { id: userId, matricule, nom: "Lovelace", prenom: "Ada" };
    const answer = await api("POST", "/login", { body: { matricule, password: PASSWORD } });
    expect(answer.body).toEqual({ user, token: expect.any(String) });
    const { token } = answer.body;
    expect((await api("POST", "/validate", { body: { token } })).body).toEqual(user);
    expect((await api("POST", "/login", { body: { matricule } })).status).toBe(400);
    const forged = await api("POST", "/validate", { body: { token: "nonsense" } });
    expect(refusalOf(forged)).toEqual(problem(401, "INVALID_TOKEN"));
  });
});

test("an admin who is one no more cannot make himself one by the token he still has", async () => {
  const [root, me] = [await adminToken(), await register()];
  const { userId, matricule } = me.user;
  const become = (role: string, token: string) =>
    api("PUT", `/admin/users/${userId}/role`, { token, body: { role } });
  await become("admin", root);
  const { accessToken: mine } = signInOf(await login({ matricule }, PASSWORD));
  expect((await become("admin", mine)).status).toBe(200);
  await become("user", root);
  expect(refusalOf(await become("admin", mine))).toEqual(problem(403, "FORBIDDEN"));
  const group = await api("POST", "/groups", { token: me.accessToken, body: { name: "Team" } });
  expect(group.status).toBe(201);
});

describe("a service", () => {
  test("signs in by the key an admin made, until it is taken back", async () => {
    const admin = await adminToken();
    const made = await api("POST", "/admin/api-keys", { token: admin, body: { name: "Bot" } });
    expect(made.status).toBe(201);
    const { apiKey, keyId, userId } = made.data;
    const me = () => api("GET", "/auth/me", { token: String(apiKey) });
    expect((await me()).body).toMatchObject({ user: { userId, name: "Bot", role: "service" } });
    const listed = await api("GET", "/admin/api-keys", { token: admin });
    expect(JSON.stringify(listed.body)).not.toContain(String(apiKey).split("_").at(-1));
    const bent = await api("GET", "/auth/me", { token: `${String(apiKey).slice(0, -1)}~` });
    expect(refusalOf(bent)).toEqual(problem(401, "INVALID_TOKEN"));
    await api("DELETE", `/admin/api-keys/${String(keyId)}`, { token: admin });
    expect(refusalOf(await me())).toEqual(problem(401, "INVALID_TOKEN"));
    const { data } = await api("GET", `/admin/audit?target=${String(keyId)}`, { token: admin });
    expect(data["entries"]).toMatchObject([
      { action: "api_key_removed", actorId: "root" },
      { action: "api_key_made", actorId: "root", details: { name: "Bot" } },
    ]);
  });

  test("has one key under one Idempotency-Key of an admin, whose secret is shown once", async () => {
    const admins = await Promise.all(["root", "other-root"].map((id) => adminToken(id)));
    const [root = "", other = ""] = admins;
    const key = crypto.randomUUID();
    const make = (token: string, name = "Bot") =>
      api("POST", "/admin/api-keys", {
        token,
        body: { name },
        headers: { "idempotency-key": key },
      });
    const answers = await Promise.all([make(root), make(root), make(root)]);
    const [made, ...others] = answers.toSorted((one, other) => other.status - one.status);
    expect([made, ...others].map((answer) => answer?.status)).toEqual([201, 200, 200]);
    const again = await make(root, "Another");
    expect([again.status, again.data]).toEqual([200, { ...made?.data, apiKey: null }]);
    const { keyId, apiKey } = Object(made?.data);
    const { data: trail } = await api("GET", `/admin/audit?target=${keyId}`, { token: root });
    expect(trail["entries"]).toMatchObject([{ action: "api_key_made", actorId: "root" }]);
    const me = await api("GET", "/auth/me", { token: apiKey });
    expect(me.body).toMatchObject({ user: { name: "Bot" } });
    const theirs = await make(other);
    expect(theirs.status).toBe(201);
    expect(theirs.data["keyId"]).not.toBe(keyId);
    await api("DELETE", `/admin/api-keys/${keyId}`, { token: root });
    expect(refusalOf(await make(root))).toEqual(problem(409, "ALREADY_EXISTS"));
  });

  test("is no admin, and neither is a user", async () => {
    const token = await mintToken("u", { claims: { role: "service" } });
    for (const by of [token, (await register()).accessToken]) {
      const refused = await api("POST", "/admin/api-keys", { token: by, body: { name: "Bot" } });
      expect(refusalOf(refused)).toEqual(problem(403, "FORBIDDEN"));
    }
  });
});
