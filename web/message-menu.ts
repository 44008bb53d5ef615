import { element } from "./element.ts";
import { openMenu } from "./menu.ts";

/** To choose from. What others use beside these shows as chips, and can be joined there. */
const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** What can be done with one message; what may not be done is left out. */
export interface MessageActions {
  react?: (emoji: string) => void;
  edit?: () => void;
  report?: () => void;
  removeForAll?: () => void;
  removeForMe: () => void;
}

/** It lies outside of the log, where screen readers would announce it as news. */
export function openMessageMenu(
  opener: HTMLElement,
  host: HTMLElement,
  { react, edit, report, removeForAll, removeForMe }: MessageActions,
): void {
  openMenu(opener, host, "Message actions", (choice) => {
    const rows: HTMLElement[] = [];
    if (react !== undefined) {
      const emojis = EMOJIS.map((emoji) => choice(emoji, () => react(emoji)));
      for (const each of emojis) each.ariaLabel = `React with ${each.textContent}`;
      rows.push(element("div", { class: "emojis" }, ...emojis));
    }
    if (edit !== undefined) rows.push(choice("Edit message", edit));
    if (report !== undefined) rows.push(choice("Report message", report));
    if (removeForAll !== undefined) rows.push(choice("Delete for everyone", removeForAll));
    return [...rows, choice("Delete for me", removeForMe)];
  });
}
