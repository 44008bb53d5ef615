import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withSignsOfLife } from "./signs-of-life.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("long work says how far it is, again and again, and no more once it is over", async () => {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  let done = 0;
  const working = withSignsOfLife(
    (line) => lines.push(line),
    () => `${done} of 9`,
    () => promise,
  );
  await vi.advanceTimersByTimeAsync(30_000);
  done = 7;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(lines).toEqual(["… 30 s: 0 of 9", "… 60 s: 7 of 9"]);
  resolve("the result");
  expect(await working).toBe("the result");
  expect(vi.getTimerCount()).toBe(0);
});

test("work that fails is silent from then on as well", async () => {
  const working = withSignsOfLife(
    () => undefined,
    () => "",
    () => Promise.reject(new Error("broken")),
  );
  await expect(working).rejects.toThrow("broken");
  expect(vi.getTimerCount()).toBe(0);
});
