import { expect, test } from "vitest";
import { NetworkError, RefusedError } from "./errors.ts";
import { TokenKeeper, type KeyValueStorage } from "./token-keeper.ts";

const user = { userId: "u1", matricule: "ada", name: "Ada" };

function setUp() {
  const items = new Map<string, string>();
  const storage: KeyValueStorage = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
  const world = { now: 0, refreshes: [] as string[], failure: undefined as Error | undefined };
  const ports = {
    storage,
    now: () => world.now,
    refresh: async (refreshToken: string) => {
      world.refreshes.push(refreshToken);
      await Promise.resolve();
      if (world.failure !== undefined) throw world.failure;
      return credentials(world.refreshes.length + 1);
    },
  };
  const keeper = new TokenKeeper(ports);
  keeper.keep(credentials(1));
  return { world, keeper, items, again: () => new TokenKeeper(ports) };
}

function credentials(n: number) {
  return { user, accessToken: `access-${n}`, refreshToken: `refresh-${n}`, expiresIn: 900 };
}

test("a token is used until shortly before its end, then renewed", async () => {
  const { world, keeper } = setUp();
  world.now = 840_000;
  expect(await keeper.token()).toBe("access-1");
  world.now = 840_001;
  expect(await keeper.token()).toBe("access-2");
  expect(world.refreshes).toEqual(["refresh-1"]);
});

test("everybody who needs a new token waits for one refresh", async () => {
  const { world, keeper } = setUp();
  const all = [keeper.token("access-1"), keeper.token("access-1"), keeper.renew()];
  expect(await Promise.all(all)).toEqual(["access-2", "access-2", "access-2"]);
  expect(world.refreshes).toEqual(["refresh-1"]);
});

test("a token that another request has renewed already is not renewed again", async () => {
  const { world, keeper } = setUp();
  await keeper.token("access-1");
  expect(await keeper.token("access-1")).toBe("access-2");
  expect(world.refreshes.length).toBe(1);
});

test("a sign-in survives a reload", async () => {
  const { again } = setUp();
  expect(again().user).toEqual(user);
  expect(await again().token()).toBe("access-1");
});

test("a refused refresh ends the sign-in, a lost network does not", async () => {
  const { world, keeper, items } = setUp();
  world.failure = new NetworkError("offline");
  await expect(keeper.renew()).rejects.toThrow(NetworkError);
  expect(keeper.user).toEqual(user);
  world.failure = new RefusedError({ code: "INVALID_TOKEN", message: "reused", retryable: false });
  await expect(keeper.renew()).rejects.toThrow(RefusedError);
  expect(keeper.user).toBeUndefined();
  expect(items.size).toBe(0);
});

test("a refresh that ends after signing out signs nobody in", async () => {
  const { keeper } = setUp();
  const renewed = keeper.renew();
  keeper.forget();
  await expect(renewed).rejects.toMatchObject({ code: "INVALID_TOKEN" });
  expect(keeper.user).toBeUndefined();
});

test("what is stored but broken counts as signed out", () => {
  const { items, again } = setUp();
  for (const key of items.keys()) items.set(key, "{");
  expect(again().user).toBeUndefined();
});
