const encoder = new TextEncoder();
const COMMA = 0x2c;

/**
 * JSON in UTF-8: `before`, the items with commas between them, `after`. Every answer copies the items' bytes and no more.
 * Joined as texts they were encoded each time, and one character that is not Latin-1 made two bytes of every other one.
 */
export function splicedJson(
  before: string,
  items: readonly Uint8Array[],
  after: string,
): Uint8Array<ArrayBuffer> {
  const [head, tail] = [encoder.encode(before), encoder.encode(after)];
  const commas = Math.max(0, items.length - 1);
  const length = items.reduce((sum, item) => sum + item.length, head.length + commas + tail.length);
  const bytes = new Uint8Array(length);
  bytes.set(head);
  let at = head.length;
  for (const [index, item] of items.entries()) {
    if (index > 0) bytes[at++] = COMMA;
    bytes.set(item, at);
    at += item.length;
  }
  bytes.set(tail, at);
  return bytes;
}
