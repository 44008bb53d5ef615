import { button, element } from "./element.ts";

/** A link that can be copied: by its button, or where the page may not do that, by hand. */
export function linkField(label: string, href: string): HTMLElement {
  const input = element("input", { readOnly: true, value: href, ariaLabel: label });
  input.addEventListener("focus", () => input.select());
  const said = element("span", { class: "unseen", role: "status" });
  const copy = button("Copy", () => void put(), "quiet"); // shows its own failures
  async function put(): Promise<void> {
    try {
      await navigator.clipboard.writeText(href);
      copy.textContent = "Copied";
      said.textContent = "The link is copied.";
    } catch {
      input.focus();
      said.textContent = "Copy the marked link.";
    }
  }
  return element("div", { class: "link" }, input, copy, said);
}
