import { describe, expect, test } from "vitest";
import { missingBrowser } from "../support/browser.ts";
import type { ChatWindow } from "../support/chat-window.ts";
import { webPlace } from "../support/web-place.ts";

const missing = await missingBrowser();

/** Adds somebody to the group whose panel is open. */
async function addTo(owner: ChatWindow, person: ChatWindow): Promise<void> {
  await owner.panel.getByRole("button", { name: "Add people" }).click();
  await owner.page.getByLabel("Find people").fill(person.matricule);
  await owner.page.getByRole("checkbox", { name: person.matricule }).check();
  await owner.confirm("Add");
}

describe.skipIf(missing !== null)("groups in the web app", () => {
  const place = webPlace();

  /** A group of Amina, who founded it, and Jonas, both looking at its panel. */
  async function crew(): Promise<[ChatWindow, ChatWindow]> {
    const [amina, jonas] = [await place.register("Amina"), await place.register("Jonas")];
    await amina.startGroup("Crew", [jonas]);
    await jonas.openTalk("Crew");
    await amina.openGroup();
    await jonas.openGroup();
    return [amina, jonas];
  }

  test("[MEM-1] people are added, and whoever is removed sees it at once and can write no more", async () => {
    const [amina, jonas] = await crew();
    const mei = await place.register("Mei");
    await addTo(amina, mei);
    await amina.member("Mei").waitFor();
    await jonas.member("Mei").waitFor();
    await mei.openTalk("Crew");
    await mei.input.fill("a draft that goes nowhere");
    await amina.chooseFor("Mei", "Remove");
    await amina.confirm("Remove");
    await mei.gate.getByText("Amina removed you.").waitFor();
    expect(await mei.input.isVisible()).toBe(false);
    await mei.list.getByRole("button", { name: "Crew" }).waitFor({ state: "detached" });
    await amina.member("Mei").waitFor({ state: "detached" });
    await jonas.member("Mei").waitFor({ state: "detached" });
    await amina.panel.getByRole("heading", { name: "2 members" }).waitFor();
  });

  test("[MEM-1] whoever is added again goes on where they were put out", async () => {
    const [amina, jonas] = await crew();
    await amina.chooseFor("Jonas", "Remove");
    await amina.confirm("Remove");
    await jonas.gate.getByText("Amina removed you.").waitFor();
    await addTo(amina, jonas);
    await jonas.input.waitFor();
    await jonas.say("back again");
    await amina.reads("back again");
  });

  test("[MEM-2] [MEM-3] what a role allows shows as soon as somebody has it, and no longer than that", async () => {
    const [amina, jonas] = await crew();
    const mei = await place.register("Mei");
    await addTo(amina, mei);
    await jonas.member("Mei").waitFor();
    await amina.button("Make a link").click();
    const tools = ["Add people", "Make a link", "Save settings", "Lock the group"];
    const look = async () => {
      const shown = await Promise.all(tools.map((name) => jonas.button(name).isVisible()));
      return tools.filter((_, index) => shown[index]);
    };
    expect(await look()).toEqual([]);
    await amina.chooseFor("Jonas", "Make a moderator");
    await jonas.member("Jonas").getByText("moderator").waitFor();
    expect(await look()).toEqual(["Lock the group"]);
    await jonas.chooseFor("Mei", "Mute for an hour");
    await amina.member("Mei").getByText("muted until").waitFor();
    await amina.chooseFor("Jonas", "Make an admin");
    await jonas.member("Jonas").getByText("admin").waitFor();
    await jonas.panel.getByLabel("Invitation link", { exact: true }).waitFor();
    expect(await look()).toEqual(tools);
    await amina.chooseFor("Jonas", "Make an ordinary member");
    await jonas.button("Lock the group").waitFor({ state: "hidden" });
    expect(await look()).toEqual([]);
  });

  test("[ADM-1] [ADM-3] a link lets somebody in who has no account yet, and none once it is taken back", async () => {
    const [amina] = await crew();
    await amina.button("Make a link").click();
    const href = await amina.panel.getByLabel("Invitation link", { exact: true }).inputValue();
    const mei = await place.visit("Mei", href);
    await mei.page.getByText("You are invited to a group.").waitFor();
    await mei.register();
    await mei.page.getByRole("heading", { name: "Crew" }).waitFor();
    await mei.button("Join").click();
    await mei.input.waitFor();
    await amina.page.getByRole("log").getByText("Mei joined by a link").waitFor();
    await amina.member("Mei").waitFor();
    await mei.say("hello all");
    await amina.reads("hello all");
    await mei.page.goBack();
    expect(await mei.button("Join").count()).toBe(0);
    await amina.button("Take back").click();
    await amina.panel.getByLabel("Invitation link", { exact: true }).waitFor({ state: "detached" });
    const noor = await place.register("Noor");
    await noor.page.goto(href);
    await noor.page.getByText("This invitation does not let you in.").waitFor();
  });

  test("[ADM-4] [ADM-5] a request shows as a number and a name, and opens the group for whoever is let in", async () => {
    const [amina] = await crew();
    const href = await amina.panel.getByLabel("Link of the group").inputValue();
    await amina.page.keyboard.press("Escape");
    const [mei, noor] = [await place.register("Mei"), await place.register("Noor")];
    for (const window of [mei, noor]) {
      await window.page.goto(href);
      await window.page.getByLabel("Say who you are").fill(`It is me, ${window.name}`);
      await window.button("Ask to join").click();
      await window.page.getByText("You have asked to join.").waitFor();
    }
    await amina.head.getByText("2 requests to join").waitFor();
    await amina.openGroup();
    await amina.panel.getByText("It is me, Mei").waitFor();
    await amina.button("Let Mei in").click();
    await mei.input.waitFor();
    await mei.say("thank you");
    await amina.reads("thank you");
    await amina.button("Refuse Noor").click();
    await amina.panel.getByText("It is me, Noor").waitFor({ state: "detached" });
    expect(await amina.head.getByText("request").isVisible()).toBe(false);
    await noor.page.reload();
    await noor.button("Ask to join").click();
    await noor.page.getByText("That was too fast.").waitFor();
  });

  test("[ADM-4] a request that is taken back waits no more, and an open group takes whoever asks", async () => {
    const [amina] = await crew();
    const href = await amina.panel.getByLabel("Link of the group").inputValue();
    const mei = await place.register("Mei");
    await mei.page.goto(href);
    await mei.button("Ask to join").click();
    await amina.button("Let Mei in").waitFor();
    await mei.button("Take it back").click();
    await amina.button("Let Mei in").waitFor({ state: "detached" });
    await amina.panel.getByLabel("Who may join").selectOption("Whoever has the group's link");
    await amina.button("Save settings").click();
    await amina.panel.getByText("Whoever has it can join.").waitFor();
    await mei.page.goto(href);
    await mei.button("Ask to join").click();
    await mei.input.waitFor();
    await amina.member("Mei").waitFor();
  });

  test("[MUX-5] a group leaves the list of whoever was removed while looking elsewhere", async () => {
    const [amina, jonas] = await crew();
    await jonas.page.goBack();
    await jonas.page.getByText("Choose a conversation").waitFor();
    await amina.chooseFor("Jonas", "Remove");
    await amina.confirm("Remove");
    await amina.member("Jonas").waitFor({ state: "detached" });
    await jonas.list.getByRole("button", { name: "Crew" }).waitFor({ state: "detached" });
    expect(await jonas.input.isVisible()).toBe(false);
  });

  test("[MEM-5] settings are saved, said to all, and decide at once who can write", async () => {
    const [amina, jonas] = await crew();
    await amina.panel.getByLabel("Name", { exact: true }).fill("Harbour crew");
    await amina.panel.getByLabel("Who may write").selectOption("Moderators and above");
    await amina.button("Save settings").click();
    await amina.panel.getByText("Saved.").waitFor();
    await jonas.page.getByRole("heading", { name: "Harbour crew" }).waitFor();
    await jonas.gate.getByText("Only moderators and above can write here.").waitFor();
    expect(await jonas.input.isVisible()).toBe(false);
    await amina.panel.getByLabel("Who may write").selectOption("Everybody");
    await amina.panel.getByLabel("Slow mode").selectOption("An hour");
    await amina.button("Save settings").click();
    await jonas.input.waitFor();
    await amina.button("Lock the group").click();
    await jonas.gate.getByText("The group is locked").waitFor();
    await amina.button("Unlock the group").click();
    await jonas.input.waitFor();
    await amina.chooseFor("Jonas", "Mute for a day");
    await jonas.gate.getByText("You are muted until").waitFor();
    await amina.chooseFor("Jonas", "Let them write again");
    await jonas.input.waitFor();
    await amina.page.reload();
    await amina.openGroup();
    await amina.panel.getByText("Jonas").waitFor();
    const chosen = amina.panel.getByLabel("Slow mode").locator("option:checked");
    expect(await chosen.textContent()).toBe("An hour");
  });

  test("[MEM-4] an owner cannot leave before handing over, then can, and the group leaves their list", async () => {
    const [amina, jonas] = await crew();
    await amina.button("Leave the group").click();
    const dialog = amina.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Leave" }).click();
    await dialog.getByText("hand the group over to somebody first").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await amina.chooseFor("Jonas", "Hand the group over");
    await amina.confirm("Hand the group over");
    await jonas.member("Jonas").getByText("owner").waitFor();
    await amina.member("Amina").getByText("admin").waitFor();
    await amina.button("Leave the group").click();
    await amina.confirm("Leave");
    await amina.page.getByText("Choose a conversation").waitFor();
    expect(await amina.list.getByRole("button", { name: "Crew" }).count()).toBe(0);
    await jonas.member("Amina").waitFor({ state: "detached" });
  });

  test("[MEM-1] a ban is listed with a name, and ends by the one who may end it", async () => {
    const [amina, jonas] = await crew();
    const link = await amina.panel.getByLabel("Link of the group").inputValue();
    await amina.chooseFor("Jonas", "Ban");
    await amina.confirm("Ban");
    await jonas.gate.getByText("Amina banned you.").waitFor();
    await jonas.page.goto(link);
    await jonas.button("Ask to join").click();
    await jonas.page.getByText("You may not do this: you are banned from this group.").waitFor();
    await amina.button("Let Jonas come back").click();
    await amina.button("Let Jonas come back").waitFor({ state: "detached" });
    await amina.page.getByRole("log").getByText("You let Jonas come back").waitFor();
    await jonas.button("Ask to join").click();
    await jonas.page.getByText("You have asked to join.").waitFor();
  });

  test("[CHG-3] a moderator may delete what others wrote, a member may not", async () => {
    const [amina, jonas] = await crew();
    await amina.say("by the owner");
    await jonas.reads("by the owner");
    await jonas.say("by a member");
    await amina.reads("by a member");
    await jonas.message("by the owner").getByRole("button", { name: "Actions" }).click();
    await jonas.button("Delete for me").waitFor();
    expect(await jonas.button("Delete for everyone").count()).toBe(0);
    await jonas.page.keyboard.press("Escape");
    await amina.choose("by a member", "Delete for everyone");
    await jonas.reads("You deleted this message.");
  });

  test("[MEM-5] whoever cannot change the settings reads what they say", async () => {
    const [amina, jonas] = await crew();
    await amina.panel.getByLabel("Slow mode").selectOption("30 seconds");
    await amina.button("Save settings").click();
    await jonas.panel.getByText("Slow mode: 30 seconds between two messages.").waitFor();
    await amina.chooseFor("Jonas", "Make an admin");
    await jonas.panel.getByText("Slow mode: 30 seconds").waitFor({ state: "detached" });
    expect(await jonas.panel.getByLabel("Slow mode").isVisible()).toBe(true);
  });

  test("a group may begin with nobody else, and a link of it with a wrong letter leads nowhere", async () => {
    const amina = await place.register("Amina");
    await amina.startGroup("Only me", []);
    await amina.openGroup();
    await amina.panel.getByRole("heading", { name: "1 member" }).waitFor();
    await amina.button("Make a link").click();
    const href = await amina.panel.getByLabel("Invitation link", { exact: true }).inputValue();
    const jonas = await place.register("Jonas");
    await jonas.page.goto(`${href}0`);
    await jonas.page.getByText("This link leads nowhere.").waitFor();
  });

  test("[MEM-7] a dismissed group ends for everybody", async () => {
    const [amina, jonas] = await crew();
    await amina.button("Dismiss the group").click();
    await amina.confirm("Dismiss");
    await amina.page.getByText("Choose a conversation").waitFor();
    await jonas.gate.getByText("Amina dismissed the group.").waitFor();
    await jonas.list.getByRole("button", { name: "Crew" }).waitFor({ state: "detached" });
  });

  test("on a narrow screen the panel lies over the messages", async () => {
    const amina = await place.register("Amina");
    await amina.page.setViewportSize({ width: 390, height: 780 });
    await amina.startGroup("Crew", []);
    await amina.openGroup();
    expect(await amina.panel.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 780 });
    await amina.button("Close the group's panel").click();
    await amina.say("still here");
    await amina.reads("still here");
  });

  test("the panel is left by Escape, and gives the focus back to its button", async () => {
    const [amina] = await crew();
    const opener = amina.head.getByRole("button", { name: "Group" });
    expect(await opener.getAttribute("aria-expanded")).toBe("true");
    await amina.panel.getByRole("button", { name: "Actions for Jonas" }).press("Enter");
    await amina.page.keyboard.press("Escape");
    await amina.button("Make an admin").waitFor({ state: "detached" });
    expect(await amina.panel.isVisible()).toBe(true);
    await amina.page.keyboard.press("Escape");
    await amina.panel.waitFor({ state: "hidden" });
    expect(await amina.page.evaluate("document.activeElement?.textContent")).toMatch(/^Group/);
    expect(await opener.getAttribute("aria-expanded")).toBe("false");
  });
});
