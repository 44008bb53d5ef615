import { describe, expect, test } from "vitest";
import type { ReaderEvent } from "../client/index.ts";
import { welcomeFrame } from "../tests/support/welcome-frame.ts";
import { Delivery } from "./delivery.ts";
import { Members } from "./members.ts";

const member = (userId: string) => ({ userId, name: userId, role: "member" as const });

function membership(seq: number, action: "added" | "left" | "banned", userId: string): ReaderEvent {
  return { seq, at: seq, type: "membership", senderId: "ada", action, members: [member(userId)] };
}

/** Ada's view of a group at a head of 10. */
function group(...others: string[]) {
  const members = new Members("ada");
  const delivery = new Delivery(members, true);
  const greet = (userIds: readonly string[]) => {
    const welcome = welcomeFrame({ head: 10 });
    const conversation = {
      ...welcome.conversation,
      members: ["ada", ...userIds].map(member),
      memberCount: userIds.length + 1,
    };
    members.welcome({ ...welcome, conversation });
  };
  greet(others);
  const tell = (userId: string, delivered: number, read: number) =>
    delivery.tell([{ userId, delivered, read }]);
  return { members, delivery, greet, tell };
}

describe(Delivery, () => {
  test("[RCP-4] a message has got as far as the last of its recipients", () => {
    const { delivery, tell } = group("bo", "cy");
    expect(delivery.of(5)).toEqual({ state: "stored" });
    tell("bo", 5, 5);
    expect(delivery.of(5)).toEqual({
      state: "stored",
      label: "Delivered to 1 of 2, read by 1 of 2",
    });
    tell("cy", 5, 4);
    expect(delivery.of(5)).toEqual({
      state: "delivered",
      label: "Delivered to all, read by 1 of 2",
    });
    tell("cy", 5, 5);
    expect(delivery.of(5)).toEqual({ state: "read", label: "Read by all" });
    expect(delivery.of(6)).toEqual({ state: "stored" });
  });

  test("[RCP-2] a receipt that comes late takes nothing back", () => {
    const { delivery, tell } = group("bo");
    tell("bo", 8, 7);
    tell("bo", 6, 5);
    expect(delivery.of(7)).toEqual({ state: "read", label: "Read by all" });
  });

  test("[RCP-4] who came later is no recipient, and who has left counts no more", () => {
    const { members, delivery, tell } = group("bo", "cy");
    tell("bo", 10, 10);
    members.apply([membership(11, "added", "di")]);
    expect(delivery.of(10)).toMatchObject({ label: "Delivered to 1 of 2, read by 1 of 2" });
    expect(delivery.of(12)).toEqual({ state: "stored" });
    members.apply([membership(13, "left", "bo")]);
    expect(delivery.of(10)).toEqual({ state: "stored" });
    tell("cy", 10, 10);
    expect(delivery.of(10)).toEqual({ state: "read", label: "Read by all" });
  });

  test("[RCP-4] one who left while the connection was cut counts no more either", () => {
    const { delivery, greet, tell } = group("bo", "cy");
    tell("bo", 10, 10);
    greet(["cy"]);
    expect(delivery.of(10)).toEqual({ state: "stored" });
  });

  test("[RCP-5] in a large conversation the server counts", () => {
    const { delivery } = group("bo", "cy");
    delivery.count([{ seq: 5, delivered: 2, read: 1 }]);
    expect(delivery.of(5)).toEqual({
      state: "delivered",
      label: "Delivered to all, read by 1 of 2",
    });
  });
});

describe(Members, () => {
  test("a ban of somebody who is no member takes nobody away", () => {
    const { members } = group("bo");
    members.apply([membership(11, "banned", "eve")]);
    expect(members.count).toBe(2);
    members.apply([membership(12, "banned", "bo")]);
    expect(members.count).toBe(1);
  });

  test("missed events say when somebody came, and count nobody a second time", () => {
    const { members } = group("bo");
    members.apply([membership(3, "added", "bo"), membership(4, "added", "cy")]);
    members.apply([membership(5, "left", "cy")]);
    expect(members.count).toBe(2);
    expect(members.recipients(2)).toBe(0);
    expect(members.recipients(3)).toBe(1);
    expect(members.present().map(({ name }) => name)).toEqual(["bo", "You"]);
  });
});
