import { describe, expect, test } from "vitest";
import { missingBrowser } from "../support/browser.ts";
import { ChatWindow } from "../support/chat-window.ts";
import { webPlace } from "../support/web-place.ts";

const missing = await missingBrowser();

describe.skipIf(missing !== null)("the web app in two windows of a browser", () => {
  const place = webPlace();

  test("two people find each other, talk both ways, and read the same in the same order", async () => {
    const [amina, jonas] = [await place.register("Amina"), await place.register("Jonas")];
    await amina.startTalk(jonas);
    await jonas.list.getByRole("button", { name: "Amina" }).waitFor(); // comes without being asked for
    await jonas.joinTalk(amina);
    const lines = ["Guten Morgen!", "صباح الخير ☀️", "おはよう 🌊", "family check 👩‍👩‍👧‍👦"];
    for (const [index, line] of lines.entries()) {
      const [speaker, listener] = index % 2 === 0 ? [amina, jonas] : [jonas, amina];
      await speaker.say(line);
      await listener.reads(line);
    }
    await Promise.all([amina.allSent(), jonas.allSent()]);
    const authors = ["Amina", "Jonas", "Amina", "Jonas"];
    const seenBy = (me: string) =>
      lines.map((line, index) => `${authors[index] === me ? "You" : authors[index]}: ${line}`);
    expect(await amina.transcript()).toEqual(seenBy("Amina"));
    expect(await jonas.transcript()).toEqual(seenBy("Jonas"));
    await jonas.list.getByText("family check").waitFor();
  });

  test("[MUX-5] the list is pushed: news come up in it without a question", async () => {
    const [amina, jonas] = [await place.register("Amina"), await place.register("Jonas")];
    await amina.startTalk(jonas);
    await jonas.list.getByRole("button", { name: "Amina" }).waitFor();
    await jonas.page.route(/\/conversations(\?|$)/, (route) => route.abort());
    await amina.say("pushed");
    await jonas.list.getByText("pushed").waitFor();
    await jonas.list.getByText("1 unread").waitFor();
  });

  test("a wrong password says so in words, and the right one lets in", async () => {
    const amina = await place.register("Amina");
    await amina.button("Sign out").click();
    await amina.signIn(amina.matricule, "not the password");
    await amina.page.getByText("Matricule or password is wrong.").waitFor();
    expect(await amina.button("New conversation").count()).toBe(0);
    await amina.signIn(amina.matricule, ChatWindow.password);
    await amina.button("New conversation").waitFor();
  });

  test("a reload keeps the sign-in, the open conversation and its messages", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("one");
    await jonas.reads("one");
    await jonas.say("two");
    await amina.reads("two");
    await amina.page.reload();
    await amina.reads("two");
    expect(await amina.transcript()).toEqual(["You: one", "Jonas: two"]);
    await amina.say("three");
    await jonas.reads("three");
  });

  test("the talk goes on through a restart of the server, with what was written meanwhile", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("before");
    await jonas.reads("before");
    const restarted = place.edge.restart();
    await amina.page.getByText("Offline.").waitFor();
    await amina.say("meanwhile");
    await amina.messages.getByRole("img", { name: "On its way" }).waitFor();
    await restarted;
    await jonas.reads("meanwhile");
    await amina.allSent();
    await jonas.say("after");
    await amina.reads("after");
    expect(await amina.transcript()).toEqual(["You: before", "You: meanwhile", "Jonas: after"]);
    expect(await jonas.transcript()).toEqual(["Amina: before", "Amina: meanwhile", "You: after"]);
  });

  test("a message that waits for the connection is sent though its conversation was left", async () => {
    const [amina, jonas] = await place.talk();
    const restarted = place.edge.restart();
    await amina.page.getByText("Offline.").waitFor();
    await amina.say("from the tunnel");
    await amina.page.goBack();
    await amina.page.getByText("Choose a conversation").waitFor();
    await restarted;
    await jonas.reads("from the tunnel");
    expect(await jonas.transcript()).toEqual(["Amina: from the tunnel"]);
  });

  test("markup in a message, a name and a list is text and nothing else", async () => {
    const markup = `<img src=x onerror="document.title = 'owned'"><b>bold</b> & "quoted"`;
    const [amina, jonas] = await place.talk("<i>Amina</i>");
    await amina.say(markup);
    await jonas.reads(markup);
    expect(await jonas.transcript()).toEqual([`<i>Amina</i>: ${markup}`]);
    expect(await jonas.page.locator("img, i, b").count()).toBe(0);
    expect(await jonas.page.title()).toBe("<i>Amina</i> · Parley");
  });

  test("Shift+Enter breaks the line, and a message that is too long comes back to be shortened", async () => {
    const [amina, jonas] = await place.talk();
    await amina.input.pressSequentially("first");
    await amina.input.press("Shift+Enter");
    await amina.input.pressSequentially("second");
    await amina.input.press("Enter");
    await jonas.reads("first\nsecond");
    const long = "x".repeat(33_000);
    await amina.say(long);
    await amina.button("Edit").click();
    expect(await amina.input.inputValue()).toBe(long);
    await amina.say("short");
    await jonas.reads("short");
    expect(await jonas.transcript()).toEqual(["Amina: first\nsecond", "Amina: short"]);
  });

  test("a long conversation opens at its end and shows what came earlier when asked", async () => {
    const [amina, jonas] = await place.talk();
    const lines = Array.from({ length: 70 }, (_, index) => `line ${index + 1}`);
    for (const line of lines) await amina.say(line);
    await jonas.reads("line 70");
    await jonas.page.reload();
    await jonas.reads("line 70");
    expect(await jonas.transcript()).toEqual(lines.slice(20).map((line) => `Amina: ${line}`));
    await jonas.button("Earlier messages").click();
    await jonas.messages.getByText("line 1", { exact: true }).waitFor();
    expect(await jonas.transcript()).toEqual(lines.map((line) => `Amina: ${line}`));
    expect(await jonas.button("Earlier messages").count()).toBe(0);
  });
});
