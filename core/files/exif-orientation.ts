import type { ByteView } from "./byte-view.ts";

/** How a stored picture is to be seen, as EXIF numbers it: 1 as it is, 2 to 8 mirrored or turned. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
/** Entries that are looked at: cameras write some thirty. */
const MOST_ENTRIES = 512;

/** The orientation of the TIFF block at `start` (EXIF 2.32, section 4.6.4); 1 when it names none. */
export function exifOrientation(view: ByteView, start: number): Orientation {
  const order = view.text(start, 2);
  if (order !== "II" && order !== "MM") return 1;
  const isLittle = order === "II";
  const directory = start + view.u32(start + 4, isLittle);
  const count = Math.min(view.u16(directory, isLittle), MOST_ENTRIES);
  for (let index = 0; index < count; index++) {
    const entry = directory + 2 + index * 12;
    if (view.u16(entry, isLittle) !== ORIENTATION_TAG) continue;
    if (view.u16(entry + 2, isLittle) !== SHORT) return 1;
    return orientationOf(view.u16(entry + 8, isLittle));
  }
  return 1;
}

function orientationOf(value: number): Orientation {
  switch (value) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
      return value;
    default:
      return 1;
  }
}
