import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { registrationBucket } from "../../core/attempt-bucket.ts";
import { AttemptStore } from "../../edge/auth/attempt-store.ts";
import { api, PASSWORD, problem, refusalOf, register } from "./support/api.ts";
import { range } from "./support/conversations.ts";

const login = (matricule: string, password: string, address: string) =>
  api("POST", "/auth/login", {
    body: { matricule, password },
    headers: { "cf-connecting-ip": address },
  });

describe("the login", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  test("slows down guesses at one account, and says for how long", async () => {
    const { user } = await register();
    const guesses = await Promise.all(
      range(1, 12).map((n) => login(user.matricule, `guess number ${n}`, "192.0.2.1")),
    );
    const codes = guesses.map(({ body }) => body["code"]);
    expect(codes.filter((code) => code === "INVALID_CREDENTIALS")).toHaveLength(5);
    const limited = guesses.find(({ status }) => status === 429);
    expect(limited && refusalOf(limited)).toEqual(problem(429, "RATE_LIMITED"));
    expect(Number(limited?.headers.get("retry-after"))).toBe(60);
    // even the right password has to wait, or guessing on would pay
    expect((await login(user.matricule, PASSWORD, "192.0.2.1")).status).toBe(429);
    vi.setSystemTime(Date.now() + 60_000);
    expect((await login(user.matricule, PASSWORD, "192.0.2.1")).status).toBe(200);
  });

  test("never locks an owner out of where they have signed in before", async () => {
    const { user } = await register();
    const home = "198.51.100.7";
    expect((await login(user.matricule, PASSWORD, home)).status).toBe(200);
    const guesses = await Promise.all(
      range(1, 40).map((n) => login(user.matricule, "a wrong guess", `203.0.113.${n}`)),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(20);
    expect((await login(user.matricule, PASSWORD, "203.0.113.99")).status).toBe(429);
    expect((await login(user.matricule, PASSWORD, home)).status).toBe(200);
  });

  test("slows down one address that guesses at many accounts, also within one IPv6 network", async () => {
    const guesses = await Promise.all(
      range(1, 120).map((n) => login(`nobody-${n}`, "guess", `2001:db8:9:9::${n.toString(16)}`)),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(100);
  });

  test("answers an unknown account as slowly and as often as a known one", async () => {
    const unknown = `nobody-${crypto.randomUUID()}`;
    const guesses = await Promise.all(
      range(1, 7).map(() => login(unknown, "a wrong guess", "192.0.2.2")),
    );
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  test("does not count right passwords", async () => {
    const { user } = await register();
    for (const _ of range(1, 8)) {
      expect((await login(user.matricule, PASSWORD, "192.0.2.3")).status).toBe(200);
    }
  });
});

test("one address that makes account after account is slowed down, and no other one", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const bucket = registrationBucket("2001:db8:7:7");
  const store = new AttemptStore(env.DB);
  const from = (address: string) =>
    api("POST", "/auth/register", {
      body: { matricule: crypto.randomUUID(), name: "Somebody", password: PASSWORD },
      headers: { "cf-connecting-ip": address },
    });
  expect((await from("2001:db8:7:7::1")).status).toBe(201);
  // the rest of a crowd
  for (const _ of range(2, bucket.burst)) expect(await store.take([bucket], Date.now())).toBe(0);
  const late = await from("2001:db8:7:7::2");
  expect(refusalOf(late)).toEqual(problem(429, "RATE_LIMITED"));
  expect(Number(late.headers.get("retry-after"))).toBe(bucket.everyMs / 1_000);
  expect((await from("192.0.2.77")).status).toBe(201);
  vi.setSystemTime(Date.now() + bucket.everyMs);
  expect((await from("2001:db8:7:7::2")).status).toBe(201);
  vi.useRealTimers();
});

test("whatever the times, a bucket takes no more than its burst and one for each interval since", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 250 }), { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      async (gaps, burst) => {
        const store = new AttemptStore(env.DB);
        const buckets = [
          { name: crypto.randomUUID(), burst, everyMs: 100 },
          { name: crypto.randomUUID(), burst: 1_000, everyMs: 1 },
        ];
        let [now, taken] = [1_000, 0];
        for (const gap of gaps) {
          now += gap;
          const wait = await store.take(buckets, now);
          if (wait === 0) taken++;
          else expect(wait).toBeLessThanOrEqual(100);
        }
        expect(taken).toBeGreaterThan(0);
        expect(taken).toBeLessThanOrEqual(burst + Math.floor((now - 1_000) / 100));
      },
    ),
    { numRuns: 15 },
  );
});
