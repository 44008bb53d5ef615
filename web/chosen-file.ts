import { roomFor, type Size } from "./picture-size.ts";

/** A picture over this is shown by its name until it is sent: to decode it takes four bytes for each of its pixels. */
const PREVIEW_BYTES = 32_000_000;

/** A picture before it is sent. */
export interface Preview {
  size: Size;
  drawing: ImageBitmap;
}

/** A file that somebody chose, and what it looks like if it is a picture. */
export interface ChosenFile {
  file: File;
  preview: Promise<Preview | undefined>;
}

export function chosen(file: File): ChosenFile {
  return { file, preview: previewOf(file) };
}

/** Undefined for what this browser cannot draw: then it goes as any other file does. */
async function previewOf(file: File): Promise<Preview | undefined> {
  if (!file.type.startsWith("image/") || file.size > PREVIEW_BYTES) return undefined;
  try {
    const whole = await createImageBitmap(file);
    const size = { width: whole.width, height: whole.height };
    const { width, height } = roomFor(size);
    const sharp = Math.min(devicePixelRatio, size.width / width);
    const drawing = await createImageBitmap(whole, {
      resizeWidth: Math.max(1, Math.round(width * sharp)),
      resizeHeight: Math.max(1, Math.round(height * sharp)),
      resizeQuality: "medium",
    });
    whole.close();
    return { size, drawing };
  } catch {
    return undefined;
  }
}

/** Drawn, because the page's content security policy lets no `blob:` address in. */
export function drawPreview({ drawing }: Preview): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = drawing.width;
  canvas.height = drawing.height;
  canvas.getContext("2d")?.drawImage(drawing, 0, 0);
  return canvas;
}
