import { describe, expect, test } from "vitest";
import { missingBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { staffToken } from "../support/staff-token.ts";
import { webPlace } from "../support/web-place.ts";

const missing = await missingBrowser();

describe.skipIf(missing !== null)("what people can do in the web app against others", () => {
  const place = webPlace();

  test("[MOD-1] [MOD-2] a report reaches the queue of staff with its reason, and a second one says so", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("cheap watches");
    await jonas.reads("cheap watches");
    await jonas.choose("cheap watches", "Report message");
    const dialog = jonas.page.getByRole("dialog", { name: "Report message" });
    await dialog.getByText("Amina: cheap watches").waitFor();
    await dialog.getByLabel("A scam").check();
    await dialog.getByLabel("Say more").fill("there are no watches");
    await dialog.getByRole("button", { name: "Report" }).click();
    await dialog.getByText("Thank you. Staff will look at this message.").waitFor();
    await jonas.page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await jonas.message("cheap watches").getByText("marked as spam").waitFor();
    const authorization = `Bearer ${await staffToken()}`;
    const messageId = `${decodeURIComponent(new URL(jonas.page.url()).hash.slice(1))}.1`;
    const url = `${place.edge.url}/moderation/reports/${messageId}`;
    await eventually(async () => {
      const answer = await fetch(url, { headers: { authorization } });
      expect(await answer.json()).toMatchObject({
        data: {
          messageId,
          content: "cheap watches",
          state: "open",
          reports: 1,
          reporters: [{ reason: "A scam: there are no watches" }],
        },
      });
    });
    await jonas.choose("cheap watches", "Report message");
    await dialog.getByRole("button", { name: "Report" }).click();
    await dialog.getByText("You had reported this message before.").waitFor();
  });

  test("[MOD-1] an own message cannot be reported", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("mine");
    await jonas.reads("mine");
    await amina.message("mine").getByRole("button", { name: "Actions" }).click();
    await amina.button("Delete for me").waitFor();
    expect(await amina.button("Report message").count()).toBe(0);
  });

  test("[SND-3] whoever is blocked cannot write, and can again when the block ends", async () => {
    const [amina, jonas] = await place.talk();
    await amina.say("hello");
    await jonas.reads("hello");
    await jonas.button("More").press("Enter");
    await jonas.button("Block Amina").press("Enter");
    await jonas.gate.getByText("You have blocked Amina.").waitFor();
    expect(await jonas.input.isVisible()).toBe(false);
    await amina.say("are you there?");
    await amina.page.getByText("This person does not take messages from you.").waitFor();
    await jonas.page.reload();
    await jonas.gate.getByText("You have blocked Amina.").waitFor();
    await jonas.button("Unblock").click();
    await jonas.input.waitFor();
    await amina.say("and now?");
    await jonas.reads("and now?");
    expect(await jonas.transcript()).toEqual(["Amina: hello", "Amina: and now?"]);
  });
});
