type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "style" | "children">
> & { class?: string; role?: string };

/** Makes an element. Text goes in as text, never as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: className, role, ...properties }: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  if (className !== undefined) made.className = className;
  if (role !== undefined) made.setAttribute("role", role);
  made.append(...children);
  return made;
}

/** A button that does one thing; `quiet` ones stand back behind the main one beside them. */
export function button(label: string, press: () => void, className = ""): HTMLButtonElement {
  const made = element("button", { type: "button", class: className }, label);
  made.addEventListener("click", press);
  return made;
}

/** A labelled input, and what may be written into it. */
export class Field {
  readonly view: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #hint: HTMLElement;

  constructor(label: string, properties: Properties<"input"> & { name: string }) {
    const hintId = `${properties.name}-hint`;
    this.input = element("input", { required: true, ...properties });
    this.input.setAttribute("aria-describedby", hintId);
    this.#hint = element("small", { id: hintId, class: "hint" });
    this.view = element(
      "div",
      { class: "field" },
      element("label", {}, element("span", {}, label), this.input),
      this.#hint,
    );
  }

  set hint(text: string) {
    this.#hint.textContent = text;
  }
}
