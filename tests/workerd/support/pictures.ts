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
  return inlineBytes(url);
}

/** What a data URL of Vite's holds. */
export function inlineBytes(url: string): Uint8Array {
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

/** A baseline JPEG of one grey: two bits, both 0, for each block of 64 pixels. */
export function greyJpeg(width: number, height: number): Uint8Array {
  const oneCode = [0, 20, 0, 1, ...Array<number>(15).fill(0), 0]; // of length 1, for the value 0
  const table = [0xff, 0xdb, 0, 67, 0, ...Array<number>(64).fill(1)];
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const frame = [0xff, 0xc0, 0, 11, 8, ...size, 1, 1, 0x11, 0];
  const codes = [0xff, 0xc4, ...oneCode, 0xff, 0xc4, ...oneCode.with(2, 0x10)];
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const head = [0xff, 0xd8, ...table, ...frame, ...codes, ...scan];
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const bytes = new Uint8Array(head.length + Math.ceil(blocks / 4) + 2);
  bytes.set(head);
  bytes.set([0xff, 0xd9], bytes.length - 2);
  return bytes;
}
