import { describe, expect, test } from "vitest";
import { attemptAfter, loginBuckets, networkOf } from "./attempt-bucket.ts";

test("a bucket of three that is full takes one when the oldest has run out", () => {
  const bounds = { burst: 3, everyMs: 100 };
  expect(
    [1_300, 1_290, 1_201, 1_200].map((emptyAt) => attemptAfter(emptyAt, bounds, 1_000)),
  ).toEqual([100, 90, 1, 0]);
});

describe("the buckets of a login", () => {
  const names = (...args: Parameters<typeof loginBuckets>) =>
    loginBuckets(...args).map(({ name }) => name);

  test("an owner at a known address shares none with strangers elsewhere", () => {
    const owner = new Set(names("ada", "10.0.0.1", true));
    for (const stranger of names("ada", "10.0.0.2", false)) expect(owner).not.toContain(stranger);
  });

  test("strangers at any address share the account's, in any case of its name", () => {
    const one = names("Ada", "10.0.0.1", false);
    const shared = names("ada", "10.0.0.2", false).filter((name) => one.includes(name));
    expect(shared).toEqual(['["login","ada"]']);
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["2001:DB8:0:1::", "2001:db8:0:1"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
