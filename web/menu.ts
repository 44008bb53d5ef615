import { button, element } from "./element.ts";

/** Makes a button of a menu, which closes it and then acts. */
export type MakeChoice = (label: string, act: () => void) => HTMLButtonElement;

/**
 * Opens beside its button and closes by Escape, by a click elsewhere, or when something is chosen; then the focus goes
 * back to the button. It lies in `host`.
 */
export function openMenu(
  opener: HTMLElement,
  host: HTMLElement,
  ariaLabel: string,
  fill: (choice: MakeChoice) => readonly HTMLElement[],
): void {
  const menu = element("div", { class: "menu", role: "group", ariaLabel });
  menu.popover = "auto";
  const choice: MakeChoice = (label, act) =>
    button(label, () => {
      menu.hidePopover();
      act();
    });
  menu.append(...fill(choice));
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
