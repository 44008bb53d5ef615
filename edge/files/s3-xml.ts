/**
 * Reads the few flat answers of the S3 API, and writes its one request. The API's elements carry no attributes and never
 * hold themselves, so an XML parser would bring nothing but its size.
 */

/** The contents of all elements of this name. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^]*?)</${name}>`, "g"))].map(
    ([, inner]) => inner ?? "",
  );
}

/** The text of the first element of this name; null when there is none. */
export function textOf(xml: string, name: string): string | null {
  const [first] = elements(xml, name);
  return first === undefined ? null : unescapeXml(first);
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi,
    (whole, hex, decimal, name) => {
      if (typeof hex === "string") return String.fromCodePoint(Number.parseInt(hex, 16));
      if (typeof decimal === "string") return String.fromCodePoint(Number(decimal));
      return ENTITIES[String(name)] ?? whole;
    },
  );
}
