/** Files that are dropped or pasted, and whether folders were among them: those cannot be read as a file. */
export function filesOf({ items }: DataTransfer): { files: File[]; hasFolders: boolean } {
  const files: File[] = [];
  let hasFolders = false;
  for (const item of items) {
    if (item.kind !== "file") continue;
    if (item.webkitGetAsEntry()?.isDirectory === true) hasFolders = true;
    else {
      const file = item.getAsFile();
      if (file !== null) files.push(file);
    }
  }
  return { files, hasFolders };
}

export function holdsFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes("Files") === true;
}

/** Lets files be dropped anywhere on a part of the page, which shows it by its class `dropping`. */
export function takeDrops(
  place: HTMLElement,
  canTake: () => boolean,
  take: (dropped: DataTransfer) => void,
): void {
  let depth = 0; // entering a child comes before leaving its parent
  const show = (change: number) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    place.classList.toggle("dropping", depth > 0 && canTake());
  };
  place.addEventListener("dragenter", ({ dataTransfer }) => {
    if (holdsFiles(dataTransfer)) show(1);
  });
  place.addEventListener("dragleave", ({ dataTransfer }) => {
    if (holdsFiles(dataTransfer)) show(-1);
  });
  place.addEventListener("dragover", (event) => {
    if (!holdsFiles(event.dataTransfer)) return;
    // else the browser would leave the page for the file
    event.preventDefault();
    event.dataTransfer.dropEffect = canTake() ? "copy" : "none";
  });
  place.addEventListener("drop", (event) => {
    if (!holdsFiles(event.dataTransfer)) return;
    event.preventDefault();
    show(0);
    if (canTake()) take(event.dataTransfer);
  });
}
