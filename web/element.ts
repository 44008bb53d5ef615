type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "style" | "children">
> & { class?: string; role?: string; dataset?: Record<string, string> };

/** Makes an element. Text goes in as text, never as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: className, role, dataset, ...properties }: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  if (className !== undefined) made.className = className;
  if (role !== undefined) made.setAttribute("role", role);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** A labelled input. */
export function field(
  label: string,
  properties: Properties<"input"> & { name: string },
): { row: HTMLLabelElement; input: HTMLInputElement } {
  const input = element("input", { required: true, ...properties });
  return { row: element("label", {}, element("span", {}, label), input), input };
}
