import { expect, test } from "vitest";
import { joinAddressOf, joinLinkTo } from "./join-address.ts";

test("a link with a token is an invitation", () => {
  const text = "crew-1.0123456789abcdef0123456789abcdef";
  expect(joinAddressOf(`join/${text}`)).toEqual({ text, groupId: "crew-1", isInvitation: true });
});

test("a link with a group alone is the way to ask", () => {
  expect(joinAddressOf("join/crew-1")).toEqual({
    text: "crew-1",
    groupId: "crew-1",
    isInvitation: false,
  });
});

test.each(["", "crew-1", "joining"])("%o is no link to join", (place) => {
  expect(joinAddressOf(place)).toBeUndefined();
});

test("a link that was made leads where it says", () => {
  const { hash } = new URL(joinLinkTo("https://chat.example", "crew-1"));
  expect(joinAddressOf(hash.slice(1))).toMatchObject({ groupId: "crew-1" });
});
