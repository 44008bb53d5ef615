/** Makes these the children of a list, and moves none that is in its place: moving takes the focus from an element. */
export function arrange(list: HTMLElement, rows: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(rows);
  for (const child of Array.from(list.children)) if (!wanted.has(child)) child.remove();
  let place = list.firstElementChild;
  for (const row of rows) {
    if (row === place) place = place.nextElementSibling;
    else list.insertBefore(row, place);
  }
}
