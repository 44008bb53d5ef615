import { button, element } from "./element.ts";

const SVG = "http://www.w3.org/2000/svg";
const SHEET = "M4 1.5h5l3.5 3.5v9.5H4zM9 1.5V5h3.5";
const CLIP =
  "M13 7.2l-5.3 5.3a3 3 0 0 1-4.3-4.3l5.8-5.7a2 2 0 0 1 2.9 2.8l-5.7 5.7a1 1 0 0 1-1.5-1.4l5-5";

/** A sheet of paper; the name beside it says what it is. */
export function fileIcon(): SVGElement {
  return drawing(SHEET);
}

/** Opens the browser's own choice of files. */
export function attachButton(take: (files: FileList) => void): HTMLElement {
  const input = element("input", { type: "file", multiple: true, hidden: true });
  input.addEventListener("change", () => {
    if (input.files !== null) take(input.files);
    input.value = ""; // so that the same file can be chosen again
  });
  const opener = button("", () => input.click(), "quiet attach");
  opener.ariaLabel = "Attach files";
  opener.title = "Attach files";
  opener.append(drawing(CLIP));
  return element("span", { class: "attacher" }, opener, input);
}

function drawing(path: string): SVGElement {
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  made.append(line);
  return made;
}
