import type { Progress } from "./progress.ts";

/** How far an own message has got: what is drawn in a square of 16, and what it means. */
const TICKS = {
  waiting: { path: "M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2M8 5v3.2l2 1.3", label: "On its way" },
  stored: { path: "M2.5 8.5l3.5 3.5 7.5-8", label: "Sent" },
  delivered: { path: "M.5 8.5l3.5 3.5 6.5-8M8 11l1 1 6.5-8", label: "Delivered" },
  read: { path: "M.5 8.5l3.5 3.5 6.5-8M8 11l1 1 6.5-8", label: "Read" },
  failed: { path: "M8 3v6.5M8 12.4v.4", label: "Not sent" },
} satisfies Record<Progress["state"], { path: string; label: string }>;

const SVG = "http://www.w3.org/2000/svg";

export function tick(progress: Progress): SVGElement {
  const { path, label } = { ...TICKS[progress.state], ...progress };
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", "tick");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", label);
  drawing.dataset["state"] = progress.state;
  drawing.append(line);
  return drawing;
}
