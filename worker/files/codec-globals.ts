/**
 * Imported in front of the codecs: their glue takes the runtime for a page and gives it a `location` with nothing in it,
 * which other libraries then take for a real one. This one cannot be set.
 */
if (!("location" in globalThis)) {
  Object.defineProperty(globalThis, "location", {
    configurable: true,
    get: () => undefined,
    set: () => {},
  });
}
