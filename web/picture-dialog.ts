import type { FileInfo } from "../client/index.ts";
import { button, element } from "./element.ts";

/** Shows a picture as large as the window lets it be. The focus goes back to where it was. */
export function openPicture({ name, url, downloadUrl }: FileInfo): void {
  const close = button("Close", () => dialog.close(), "quiet");
  const head = element(
    "header",
    {},
    element("strong", { dir: "auto" }, name),
    element("a", { href: downloadUrl, download: name }, "Download"),
    close,
  );
  const image = element("img", { src: url, alt: name });
  const dialog = element("dialog", { class: "picture-dialog", ariaLabel: name }, head, image);
  // beside the picture and its head
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}
