import { button, element } from "./element.ts";

/** Who reacted how to a message: a chip for each emoji, which takes the own one off or adds it. */
export class ReactionChips {
  readonly view = element("div", { class: "chips" });
  readonly #toggle: (emoji: string, active: boolean) => void;
  readonly #chips = new Map<string, HTMLButtonElement>();

  constructor(toggle: (emoji: string, active: boolean) => void) {
    this.#toggle = toggle;
  }

  show(reactions: ReadonlyMap<string, ReadonlySet<string>>, nameOf: (userId: string) => string) {
    for (const [emoji, chip] of this.#chips) {
      if (reactions.has(emoji)) continue;
      chip.remove();
      this.#chips.delete(emoji);
    }
    for (const [emoji, userIds] of reactions) {
      const chip = this.#chips.get(emoji) ?? this.#add(emoji);
      const names = [...userIds].map(nameOf);
      chip.textContent = `${emoji} ${names.length}`;
      chip.title = names.join(", ");
      chip.ariaLabel = `${emoji} by ${chip.title}`;
      chip.ariaPressed = String(names.includes("You"));
    }
  }

  #add(emoji: string): HTMLButtonElement {
    const chip = button("", () => this.#toggle(emoji, chip.ariaPressed !== "true"), "chip");
    this.#chips.set(emoji, chip);
    this.view.append(chip);
    return chip;
  }
}
