import { describe, expect, test } from "vitest";
import { AccountsClient } from "../../client/rest-client.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { missingBrowser } from "../support/browser.ts";
import { ChatWindow } from "../support/chat-window.ts";
import { webPlace } from "../support/web-place.ts";

const missing = await missingBrowser();

describe.skipIf(missing !== null)("what people see of each other in the web app", () => {
  const place = webPlace();

  test("[RCP-4] a tick turns from sent over delivered to read, as the other one gets to it", async () => {
    const [amina, jonas] = [await place.register("Amina"), await place.register("Jonas")];
    await amina.startTalk(jonas);
    await amina.say("Are you there?");
    await amina.isTicked("Are you there?", "Sent");
    const row = jonas.list.getByRole("button", { name: "Amina" });
    await row.getByText("1 unread").waitFor();
    await jonas.turn("away");
    await jonas.joinTalk(amina);
    await amina.isTicked("Are you there?", "Delivered");
    await jonas.turn("back");
    await amina.isTicked("Are you there?", "Read");
    expect(await row.getByText("unread").isVisible()).toBe(false);
  });

  test("[RCP-4] in a group a message is read when all have read it, and says how many have", async () => {
    const people = [
      await place.register("Amina"),
      await place.register("Jonas"),
      await place.register("Mei"),
    ];
    const [amina, jonas, mei] = people as [ChatWindow, ChatWindow, ChatWindow];
    await amina.startGroup("Crew", [jonas, mei]);
    await amina.say("Breakfast?");
    await jonas.openTalk("Crew");
    await amina.isTicked("Breakfast?", "Delivered to 1 of 2, read by 1 of 2");
    await mei.turn("away");
    await mei.openTalk("Crew");
    await amina.isTicked("Breakfast?", "Delivered to all, read by 1 of 2");
    await mei.turn("back");
    await amina.isTicked("Breakfast?", "Read by all");
  });

  test("[CHG-2] an edit is made by keyboard, shows to both with its mark, and keeps what was being written", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("see you at tree");
    await amina.isTicked("see you at tree", "Read");
    await amina.input.fill("a draft");
    await amina.choose("see you at tree", "Edit message");
    expect(await amina.input.inputValue()).toBe("see you at tree");
    await amina.input.press("Escape");
    expect(await amina.input.inputValue()).toBe("a draft");
    await amina.choose("see you at tree", "Edit message");
    await amina.say("see you at three");
    for (const window of [amina, jonas]) {
      await window.message("see you at three").getByText("edited").waitFor();
    }
    expect(await amina.input.inputValue()).toBe("a draft");
    expect(await jonas.transcript()).toEqual(["Amina: see you at three"]);
    await jonas.message("see you at three").getByRole("button", { name: "Actions" }).click();
    await jonas.button("Delete for me").waitFor();
    expect(await jonas.button("Edit message").count()).toBe(0);
    expect(await jonas.button("Delete for everyone").count()).toBe(0);
  });

  test("[CHG-3] [CHG-5] a deletion leaves a tombstone for both; one for oneself leaves nothing, there only", async () => {
    const [amina, jonas] = await place.talk();
    for (const line of ["one", "two"]) await amina.say(line);
    await jonas.reads("two");
    await jonas.choose("one", "React with 👍");
    await amina.button("👍 by Jonas").waitFor();
    await amina.choose("one", "Delete for everyone");
    await amina.reads("You deleted this message.");
    await jonas.reads("This message was deleted.");
    expect(await jonas.messages.getByRole("button", { name: "👍" }).count()).toBe(0);
    await jonas.choose("two", "Delete for me");
    await jonas.message("two").waitFor({ state: "detached" });
    await jonas.page.reload();
    await jonas.reads("This message was deleted.");
    expect(await jonas.transcript()).toEqual(["Amina: This message was deleted."]);
    expect(await amina.transcript()).toEqual(["You: You deleted this message.", "You: two"]);
  });

  test("[CHG-4] reactions gather under a message, and a chip joins in or takes the own one off", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("We made it");
    await jonas.reads("We made it");
    await jonas.choose("We made it", "React with 👍");
    await amina.button("👍 by Jonas").click();
    await jonas.button("👍 by You, Amina").waitFor();
    await jonas.button("👍 by You, Amina").click();
    await amina.button("👍 by You").waitFor();
    await amina.button("👍 by You").click();
    await jonas.button("👍 by Amina").waitFor({ state: "detached" });
    expect(await jonas.messages.getByRole("button", { name: "👍" }).count()).toBe(0);
  });

  test("[CHG-1] a page of history shows edits, deletions and reactions, and goes on changing", async () => {
    const [amina, jonas] = await place.talk();
    for (const line of ["old one", "old two", "old three"]) await amina.say(line);
    await jonas.reads("old three");
    await jonas.choose("old one", "React with 🙏");
    await amina.button("🙏 by Jonas").waitFor();
    await amina.choose("old two", "Delete for everyone");
    for (let line = 1; line <= 60; line += 1) await amina.say(`line ${line}`);
    await jonas.reads("line 60");
    await jonas.page.reload();
    await jonas.reads("line 60");
    expect(await jonas.message("old one").count()).toBe(0);
    await jonas.button("Earlier messages").click();
    await jonas.message("old one").getByRole("button", { name: "🙏 by You" }).waitFor();
    await jonas.reads("This message was deleted.");
    await amina.choose("old three", "Edit message");
    await amina.say("old but better");
    await jonas.message("old but better").getByText("edited").waitFor();
  });

  test("a conversation that ends in nothing but reactions opens at what they are on", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("Choose!");
    await jonas.reads("Choose!");
    await amina.choose("Choose!", "React with 👍");
    for (let times = 0; times < 30; times += 1) {
      await jonas.button("👍 by Amina").click();
      await jonas.button("👍 by Amina, You").click();
    }
    await jonas.button("👍 by Amina").waitFor();
    await jonas.page.reload();
    await jonas
      .message("Choose!")
      .getByRole("button", { name: "👍 by Amina", exact: true })
      .waitFor();
  });

  test("[MEM-1] [MEM-5] what happens to members and settings stands between the messages, in words", async () => {
    const people = [
      await place.register("Amina"),
      await place.register("Jonas"),
      await place.register("Mei"),
    ];
    const [amina, jonas, mei] = people as [ChatWindow, ChatWindow, ChatWindow];
    await amina.startGroup("Crew", [jonas, mei]);
    await jonas.openTalk("Crew");
    await jonas.head.getByText("Mei").waitFor();
    const accounts = new AccountsClient(fetch, place.edge.url);
    const signIn = ({ matricule: login }: ChatWindow) =>
      accounts.login({ login, password: ChatWindow.password });
    const { accessToken } = await signIn(amina);
    const { user } = await signIn(mei);
    const ask = async (method: string, path: string, body?: object) => {
      const { hash } = new URL(amina.page.url());
      const answer = await fetch(`${place.edge.url}/conversations/${hash.slice(1)}${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(answer.status).toBe(200);
    };
    await ask("PATCH", "", { name: "Harbour crew" });
    await ask("DELETE", `/members/${user.userId}`);
    const log = (window: ChatWindow) => window.page.getByRole("log");
    await log(amina).getByText("You called the group Harbour crew").waitFor();
    await log(jonas).getByText("Amina called the group Harbour crew").waitFor();
    await log(jonas).getByText("Amina removed Mei").waitFor();
    await jonas.page.getByRole("heading", { name: "Harbour crew" }).waitFor();
    expect(await jonas.page.title()).toBe("Harbour crew · Parley");
    expect(await jonas.head.getByText("Mei").count()).toBe(0);
  });

  test("[LIV-3] somebody who writes is seen writing, until they send or have been silent for a while", async () => {
    const [amina, jonas] = await place.talk();
    await jonas.page.clock.install();
    await amina.head.getByText("Online").waitFor(); // what is typed before both are connected reaches nobody
    const writing = jonas.page.getByText("Amina is writing…");
    await amina.input.pressSequentially("hm");
    await writing.waitFor();
    await amina.input.press("Enter");
    await writing.waitFor({ state: "detached" });
    await amina.input.pressSequentially("and");
    await writing.waitFor();
    await jonas.page.clock.fastForward(LIMITS.typingMs);
    expect(await writing.count()).toBe(0);
  });

  test("[LIV-4] the head says whether the other one is here", async () => {
    const [amina, jonas] = await place.talk();
    await amina.head.getByText("Online").waitFor();
    await jonas.page.goBack();
    await amina.head.getByText("Offline").waitFor();
    await jonas.joinTalk(amina);
    await amina.head.getByText("Online").waitFor();
  });
});
