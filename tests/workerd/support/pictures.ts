/** What Vite makes of a pattern: path → data URL. Its arguments must be literals. */
const PICTURES: Record<string, string> = import.meta.glob("../../fixtures/pictures/*", {
  eager: true,
  query: "?inline",
  import: "default",
});

/** A fixture's bytes by its name. */
export function picture(name: string): Uint8Array {
  const url = PICTURES[`../../fixtures/pictures/${name}`];
  if (url === undefined) throw new Error(`no fixture is called ${name}`);
  return Uint8Array.fromBase64(url.slice(url.indexOf(",") + 1));
}

/** Photographs of the same four quarters; the number is the orientation they are stored in. */
export const PHOTOGRAPHS = Object.keys(PICTURES)
  .map((path) => path.replace(/^.*\//, ""))
  .filter((name) => name.startsWith("photo-"));

/** A PNG that claims 50,000 by 50,000 pixels: ten gigabytes, were it decoded. */
export function bombPng(): Uint8Array {
  const bytes = picture("photo-6.png");
  bytes.set([0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50], 16);
  return bytes;
}
