import { arrange } from "./arrange.ts";
import { element } from "./element.ts";

interface Row {
  /** What the row shows, as text to compare. */
  shown: string;
  view: HTMLLIElement;
}

/** A list whose rows stay the same elements while they show the same: the focus stays with whoever is in one. */
export class KeyedList<Item> {
  readonly view: HTMLUListElement;
  readonly #keyOf: (item: Item) => string;
  readonly #render: (item: Item) => readonly (Node | string)[];
  readonly #rows = new Map<string, Row>();

  constructor(
    ariaLabel: string,
    keyOf: (item: Item) => string,
    render: (item: Item) => readonly (Node | string)[],
  ) {
    this.view = element("ul", { class: "rows", ariaLabel, tabIndex: -1 });
    this.#keyOf = keyOf;
    this.#render = render;
  }

  show(items: readonly Item[]): void {
    const focused = [...this.#rows].find(([, row]) => row.view.contains(document.activeElement));
    const keys = items.map((item) => this.#put(item));
    for (const key of this.#rows.keys()) if (!keys.includes(key)) this.#rows.delete(key);
    arrange(
      this.view,
      [...keys].flatMap((key) => this.#rows.get(key)?.view ?? []),
    );
    if (focused === undefined || this.view.contains(document.activeElement)) return;
    // whoever was in a row that is another one now, or gone, goes on from there
    const button = this.#rows.get(focused[0])?.view.querySelector("button");
    (button ?? this.view).focus();
  }

  #put(item: Item): string {
    const key = this.#keyOf(item);
    const shown = JSON.stringify(item);
    if (this.#rows.get(key)?.shown === shown) return key;
    this.#rows.set(key, { shown, view: element("li", {}, ...this.#render(item)) });
    return key;
  }
}
