import { button, element } from "./element.ts";

/** To choose from. What others use beside these shows as chips, and can be joined there. */
const EMOJIS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** What can be done with one message; what may not be done is left out. */
export interface MessageActions {
  react?: (emoji: string) => void;
  edit?: () => void;
  removeForAll?: () => void;
  removeForMe: () => void;
}

/**
 * Opens beside its button and closes by Escape, by a click elsewhere, or when something is chosen; then the focus goes
 * back to the button. It lies in `host`, outside of the log, where screen readers would announce it as news.
 */
export function openMessageMenu(
  opener: HTMLElement,
  host: HTMLElement,
  { react, edit, removeForAll, removeForMe }: MessageActions,
): void {
  const menu = element("div", { class: "menu", role: "group", ariaLabel: "Message actions" });
  menu.popover = "auto";
  const choice = (label: string, act: () => void) =>
    button(label, () => {
      menu.hidePopover();
      act();
    });
  if (react !== undefined) {
    const emojis = EMOJIS.map((emoji) => choice(emoji, () => react(emoji)));
    for (const each of emojis) each.ariaLabel = `React with ${each.textContent}`;
    menu.append(element("div", { class: "emojis" }, ...emojis));
  }
  if (edit !== undefined) menu.append(choice("Edit message", edit));
  if (removeForAll !== undefined) menu.append(choice("Delete for everyone", removeForAll));
  menu.append(choice("Delete for me", removeForMe));
  menu.addEventListener("toggle", ({ newState }) => {
    opener.ariaExpanded = String(newState === "open");
    if (newState === "closed") menu.remove();
  });
  host.append(menu);
  menu.showPopover({ source: opener });
  place(menu, opener);
  menu.querySelector("button")?.focus();
}

/** Under its opener if there is room, and always inside of the window. */
function place(menu: HTMLElement, opener: HTMLElement): void {
  const anchor = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const edge = 8;
  const left = Math.min(anchor.left, innerWidth - width - edge);
  const hasRoom = anchor.bottom + height + edge <= innerHeight;
  const top = hasRoom ? anchor.bottom : anchor.top - height;
  menu.style.left = `${Math.max(edge, left)}px`;
  menu.style.top = `${Math.max(edge, top)}px`;
}
