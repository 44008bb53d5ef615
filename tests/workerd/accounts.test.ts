import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, PASSWORD, problem, refusalOf, register, signInOf } from "./support/api.ts";

const REUSE_GRACE_MS = 10_000;

describe("register", () => {
  test("signs in: the account, an access token that names it, a refresh token", async () => {
    const matricule = `m-${crypto.randomUUID()}`;
    const body = { matricule, password: PASSWORD, name: " Ada ", email: `${matricule}@x.org` };
    const answer = await api("POST", "/auth/register", { body });
    expect(answer.status).toBe(201);
    const { user, accessToken, expiresIn } = signInOf(answer);
    expect(user).toMatchObject({
      matricule,
      name: "Ada",
      email: `${matricule}@x.org`,
      role: "user",
    });
    expect(expiresIn).toBe(Number(env.ACCESS_TOKEN_TTL_S));
    const me = await api("GET", "/auth/me", { token: accessToken });
    expect(me.body).toEqual({ user });
  });

  test("never keeps the password nor a refresh token in the clear", async () => {
    const { user, refreshToken } = await register();
    const rows = await env.DB.prepare("SELECT * FROM user WHERE user_id = ?")
      .bind(user.userId)
      .all();
    const tokens = await env.DB.prepare("SELECT * FROM refresh_token WHERE user_id = ?")
      .bind(user.userId)
      .all();
    expect([rows.results.length, tokens.results.length]).toEqual([1, 1]);
    const stored = JSON.stringify([rows.results, tokens.results]);
    expect(stored).not.toContain(PASSWORD);
    expect(stored).not.toContain(refreshToken);
  });

  test.each(["matricule", "email"])(
    "a %s that is taken, in any case, is a conflict",
    async (field) => {
      const { user } = await register();
      const taken = String(Reflect.get(user, field)).toUpperCase();
      const free = `m-${crypto.randomUUID()}`;
      const body = { matricule: free, email: `${free}@x.org`, name: "B", password: PASSWORD };
      const answer = await api("POST", "/auth/register", { body: { ...body, [field]: taken } });
      expect(refusalOf(answer)).toEqual(problem(409, "ALREADY_EXISTS"));
    },
  );

  test.each([
    ["no matricule", { password: PASSWORD, name: "A" }, "MISSING_DATA", "matricule"],
    [
      "a short matricule",
      { matricule: "ab", password: PASSWORD, name: "A" },
      "INVALID_DATA",
      "matricule",
    ],
    [
      "an odd matricule",
      { matricule: "a b c", password: PASSWORD, name: "A" },
      "INVALID_DATA",
      "matricule",
    ],
    [
      "a short password",
      { matricule: "abc", password: "1234567", name: "A" },
      "INVALID_DATA",
      "password",
    ],
    [
      "a long password",
      { matricule: "abc", password: "x".repeat(129), name: "A" },
      "INVALID_DATA",
      "password",
    ],
    ["an empty name", { matricule: "abc", password: PASSWORD, name: "  " }, "INVALID_DATA", "name"],
    [
      "no address",
      { matricule: "abc", password: PASSWORD, name: "A", email: "nobody" },
      "INVALID_DATA",
      "email",
    ],
  ])("%s is refused, and the field at fault named", async (_name, body, code, field) => {
    const answer = await api("POST", "/auth/register", { body });
    expect(refusalOf(answer)).toEqual(problem(400, code));
    expect(answer.body).toMatchObject({ success: false, errors: [{ field }] });
  });

  test.each(["{", "", "null", "[]", '"text"', "7"])("the body %j is refused", async (body) => {
    const answer = await api("POST", "/auth/register", { body });
    expect(answer.status).toBe(400);
    expect(answer.body["success"]).toBe(false);
  });
});

describe("login", () => {
  test("by matricule or by address, in any case", async () => {
    const { user } = await register();
    for (const who of [{ matricule: user.matricule.toUpperCase() }, { email: user.email }]) {
      const answer = await api("POST", "/auth/login", { body: { ...who, password: PASSWORD } });
      expect(answer.status).toBe(200);
      expect(signInOf(answer).user).toEqual(user);
    }
  });

  test("a wrong password and an unknown user are answered alike", async () => {
    const { user } = await register();
    const attempts = [
      { matricule: user.matricule, password: "wrong password" },
      { matricule: "nobody-here", password: PASSWORD },
      { email: "nobody@x.org", password: PASSWORD },
      { matricule: user.matricule, password: "x" },
      { matricule: "m".repeat(10_000), password: "p".repeat(10_000) },
    ];
    const answers = await Promise.all(attempts.map((body) => api("POST", "/auth/login", { body })));
    for (const answer of answers) {
      expect(refusalOf(answer)).toEqual(problem(401, "INVALID_CREDENTIALS"));
      expect(answer.body["message"]).toBe(answers[0]?.body["message"]);
    }
  });

  test("text that SQL would read means nothing", async () => {
    for (const matricule of ["' OR 1=1 --", "%", "_"]) {
      const answer = await api("POST", "/auth/login", { body: { matricule, password: PASSWORD } });
      expect(answer.status).toBe(401);
    }
  });

  test.each([
    [{ login: "ada", password: PASSWORD }, "INVALID_DATA", "matricule or email"],
    [undefined, "MISSING_DATA", "the body is missing"],
  ])("a body of %j is told what is wrong in words", async (body, code, words) => {
    const answer = await api("POST", "/auth/login", body === undefined ? {} : { body });
    expect(refusalOf(answer)).toEqual(problem(400, code));
    expect(answer.body["message"]).toContain(words);
  });
});

describe("refresh tokens", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const refresh = (refreshToken: string) =>
    api("POST", "/auth/refresh", { body: { refreshToken } });

  async function startAt(now: Date): Promise<string> {
    vi.setSystemTime(now);
    return (await register()).refreshToken;
  }

  test("rotate: each gives the next one and a new access token", async () => {
    let token = await startAt(new Date());
    for (let turn = 0; turn < 3; turn++) {
      const answer = await refresh(token);
      expect(answer.status).toBe(200);
      const next = signInOf(answer);
      expect(next.refreshToken).not.toBe(token);
      expect((await api("GET", "/auth/me", { token: next.accessToken })).status).toBe(200);
      token = next.refreshToken;
    }
  });

  test("one used a second time ends all that descend from its sign-in, and no other sign-in", async () => {
    const start = new Date();
    const first = await startAt(start);
    const { user, refreshToken: second } = signInOf(await refresh(first));
    const login = { matricule: user.matricule, password: PASSWORD };
    const elsewhere = signInOf(await api("POST", "/auth/login", { body: login }));
    vi.setSystemTime(start.getTime() + REUSE_GRACE_MS + 1);
    expect(refusalOf(await refresh(first))).toEqual(problem(401, "INVALID_TOKEN"));
    expect(refusalOf(await refresh(second))).toEqual(problem(401, "INVALID_TOKEN"));
    expect((await refresh(elsewhere.refreshToken)).status).toBe(200);
  });

  test("one whose answer was lost works once more within the grace", async () => {
    const start = new Date();
    const first = await startAt(start);
    await refresh(first);
    vi.setSystemTime(start.getTime() + REUSE_GRACE_MS);
    expect((await refresh(first)).status).toBe(200);
  });

  test("expire after 30 days", async () => {
    const start = new Date();
    const token = await startAt(start);
    vi.setSystemTime(start.getTime() + 30 * 86_400_000);
    expect(refusalOf(await refresh(token))).toEqual(problem(401, "INVALID_TOKEN"));
  });

  test("are void after logout, which also an unknown one survives", async () => {
    const token = await startAt(new Date());
    expect((await api("POST", "/auth/logout", { body: { refreshToken: token } })).status).toBe(204);
    expect((await api("POST", "/auth/logout", { body: { refreshToken: "x" } })).status).toBe(204);
    expect((await refresh(token)).status).toBe(401);
  });

  test.each([
    ["one nobody issued", { refreshToken: "nonsense" }, 401, "INVALID_TOKEN"],
    ["none", {}, 400, "MISSING_DATA"],
    ["a number", { refreshToken: 7 }, 400, "INVALID_DATA"],
  ])("%s is refused", async (_name, body, status, code) => {
    expect(refusalOf(await api("POST", "/auth/refresh", { body }))).toEqual(problem(status, code));
  });
});

describe("the directory", () => {
  test("finds people by name or matricule, page by page, and shows no address", async () => {
    const family = `Z${crypto.randomUUID().slice(0, 8)}`;
    const people = await Promise.all(
      Array.from({ length: 23 }, (_, index) => register(`${family} ${index}`)),
    );
    const token = people[0]?.accessToken ?? "";
    const one = await api("GET", `/users?q=${family.toLowerCase()}`, { token });
    expect(one.data["users"]).toHaveLength(20);
    const cursor = encodeURIComponent(String(one.data["nextCursor"]));
    const two = await api("GET", `/users?q=${family}&cursor=${cursor}`, { token });
    expect(two.data["users"]).toHaveLength(3);
    expect(two.data["nextCursor"]).toBeNull();
    const found = [one, two].flatMap(({ data }) => [data["users"]].flat());
    const wanted = people.map(({ user: { userId, matricule, name } }) => ({
      userId,
      matricule,
      name,
    }));
    const byId = (a: object, b: object) =>
      String(Reflect.get(a, "userId")) < String(Reflect.get(b, "userId")) ? -1 : 1;
    expect(found.map(Object).toSorted(byId)).toEqual(wanted.toSorted(byId));
  });

  test("is searched by the beginning of a word or of a matricule, however long and whatever marks it has", async () => {
    const long = `${"Maximiliana".repeat(4)} 100%_\\ d'${crypto.randomUUID()}`;
    const { user, accessToken: token } = await register(long);
    const search = async (q: string) => {
      const { data } = await api("GET", `/users?q=${encodeURIComponent(q)}`, { token });
      return [data["users"]].flat().map((found) => Object(found).userId);
    };
    const [, marks = "", word = ""] = long.split(" ");
    expect(marks).not.toBe("");
    for (const q of [long, long.toLowerCase(), `${marks} ${word}`, word, user.matricule]) {
      expect(await search(q), q).toContain(user.userId);
    }
    for (const q of [word.slice(3), user.matricule.slice(3), "%", "_", "x".repeat(100)]) {
      expect(await search(q), q).not.toContain(user.userId);
    }
  });

  test.each(["Élodie Ňemec-Ávila", "ÉLODIE ŇEMEC-ÁVILA", "élodie ňemec-ávila"])(
    "finds %s in any case, also by letters beyond ASCII",
    async (name) => {
      const { user, accessToken: token } = await register(`${name} ${crypto.randomUUID()}`);
      const [, ...rest] = user.name.split(" ");
      const low = user.name.toLowerCase();
      for (const q of [user.name, low, low.toUpperCase(), rest.join(" ").toLowerCase()]) {
        const { data } = await api("GET", `/users?q=${encodeURIComponent(q)}`, { token });
        expect(data["users"], q).toMatchObject([{ userId: user.userId }]);
      }
    },
  );

  test("knows one person by id; needs a token; says NOT_FOUND", async () => {
    const { user, accessToken: token } = await register();
    const answer = await api("GET", `/users/${user.userId}`, { token });
    expect(answer.data).toEqual({
      userId: user.userId,
      matricule: user.matricule,
      name: user.name,
      presence: { online: false, lastSeen: null },
    });
    expect(refusalOf(await api("GET", "/users/nobody", { token }))).toEqual(
      problem(404, "NOT_FOUND"),
    );
    expect(refusalOf(await api("GET", "/users?q=a"))).toEqual(problem(401, "INVALID_TOKEN"));
    const badCursor = await api("GET", "/users?cursor=nonsense", { token });
    expect(refusalOf(badCursor)).toEqual(problem(400, "INVALID_DATA"));
  });
});
