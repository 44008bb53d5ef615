import { expect, test } from "vitest";
import { api, PASSWORD, problem, refusalOf, register } from "./support/api.ts";
import { mintToken } from "./support/tokens.ts";

test("a suspended user gets in by no door, until let back in", async () => {
  const { user, accessToken: token, refreshToken } = await register();
  const admin = await mintToken("root", { claims: { role: "admin" } });
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
  const admin = await mintToken("root", { claims: { role: "admin" } });
  const body = { seconds: 3_600, reason: "spam" };
  await api("PUT", `/admin/suspensions/${user.userId}`, { token: admin, body });
  const login = { matricule: user.matricule, password: "a wrong guess" };
  expect(refusalOf(await api("POST", "/auth/login", { body: login }))).toEqual(
    problem(401, "INVALID_CREDENTIALS"),
  );
});
