import type { ParleyClient } from "../client/index.ts";
import { element } from "./element.ts";
import { FormDialog } from "./form-dialog.ts";

const REASON_MAX_CHARS = 1_000;

/** What people report most; the last one is told in own words. */
const REASONS = ["Spam or an advert", "Insult or hate", "Threat or violence", "A scam", "Other"];

/** Asks why a message is reported, and tells staff. */
export function openReportDialog(
  client: ParleyClient,
  conversationId: string,
  message: { seq: number; author: string; content: string },
): void {
  const choices = REASONS.map((reason, index) => {
    const input = element("input", { type: "radio", name: "reason", value: reason });
    input.checked = index === 0;
    return { input, view: element("label", {}, input, reason) };
  });
  const legend = element("legend", {}, "What is wrong with it?");
  const reasons = element("fieldset", { class: "choices" }, legend);
  reasons.append(...choices.map(({ view }) => view));
  const note = element("textarea", { name: "note", rows: 2, dir: "auto" });
  const dialog = new FormDialog({
    title: "Report message",
    body: [
      element("blockquote", { dir: "auto" }, `${message.author}: ${message.content}`),
      reasons,
      element("label", { class: "field" }, "Say more, if you like", note),
      element("p", { class: "hint" }, "Staff reads it. Nobody here learns who reported."),
    ],
    submit: "Report",
    act: async () => {
      const chosen = choices.find(({ input }) => input.checked)?.input.value ?? "";
      const reason = [chosen, note.value.trim()].filter((part) => part !== "").join(": ");
      const { repeated } = await client.safety.report(conversationId, message.seq, reason);
      dialog.conclude(
        repeated
          ? "You had reported this message before. Staff has it; thank you."
          : "Thank you. Staff will look at this message.",
      );
    },
  });
  note.maxLength = REASON_MAX_CHARS - Math.max(...REASONS.map((reason) => reason.length)) - 2;
  dialog.open();
}
