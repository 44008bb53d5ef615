import { ObjectWriter } from "./object-writer.ts";
import type { FileStore, StoredObject } from "../../edge/files/file-store.ts";

/** Copies an object under another key. No store's interface has a copy, so it streams. */
export async function copyObject(
  store: FileStore,
  from: { key: string; etag?: string },
  to: { key: string; mimeType: string },
): Promise<StoredObject | null> {
  const source = await store.get(from.key, from.etag === undefined ? {} : { etag: from.etag });
  if (source === null) return null;
  const written = await new ObjectWriter(store, to, source.size).writeAll(source.body);
  if (written.type === "object") return written.object;
  return store.put(to.key, written.bytes, to.mimeType);
}
