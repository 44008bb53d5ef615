import { addressOfKey, FILES_PREFIX, STAGING_PREFIX } from "../../core/files/file-record.ts";
import { parseConversationId, type ConversationId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { callConversation } from "../../edge/calls/conversation-stub.ts";
import type { Env } from "../../edge/env.ts";
import type { FileStore, ListedObject } from "../../edge/files/file-store.ts";

/** Objects that no conversation knows: what a crash between store and conversation leaves behind. */
interface SweepReport {
  scanned: number;
  orphans: ListedObject[];
  orphanBytes: number;
  /** Whether the orphans were deleted. */
  deleted: boolean;
  /** Keys that this build did not make; never deleted. */
  foreign: string[];
  /** For the next call; null at the end. */
  cursor: string | null;
}

const STAGING_CURSOR = "staging";

/** Looks at one page of the store. What is younger than an upload may last is not judged. */
export async function sweepOrphans(
  env: Env,
  store: FileStore,
  options: { cursor: string | null; isDryRun: boolean; now: number },
): Promise<SweepReport> {
  const { prefix, after } = readCursor(options.cursor);
  const page = await store.list(prefix, after);
  const oldest = options.now - LIMITS.uploadSeconds * 1_000;
  const settled = page.objects.filter(({ uploadedAt }) => uploadedAt < oldest);
  const { orphans, foreign } =
    prefix === STAGING_PREFIX
      ? { orphans: settled, foreign: [] }
      : await orphansAmong(env, settled);
  if (!options.isDryRun) for (const { key } of orphans) await store.delete(key);
  return {
    scanned: page.objects.length,
    orphans,
    orphanBytes: orphans.reduce((sum, { size }) => sum + size, 0),
    deleted: !options.isDryRun,
    foreign,
    cursor: nextCursor(prefix, page.cursor),
  };
}

async function orphansAmong(
  env: Env,
  objects: readonly ListedObject[],
): Promise<{ orphans: ListedObject[]; foreign: string[] }> {
  const foreign: string[] = [];
  const files = new Map<ConversationId, Map<number, ListedObject[]>>();
  for (const object of objects) {
    const address = addressOfKey(object.key);
    const id = parseConversationId(address?.conversationId);
    if (address === null || !id.ok) {
      foreign.push(object.key);
      continue;
    }
    const ofConversation = files.get(id.value) ?? new Map<number, ListedObject[]>();
    files.set(id.value, ofConversation);
    ofConversation.set(address.n, [...(ofConversation.get(address.n) ?? []), object]);
  }
  const orphans: ListedObject[] = [];
  for (const [id, byNumber] of files) {
    const ns = [...byNumber.keys()];
    const held = new Set(await callConversation(env, id, (stub) => stub.heldFiles(ns)));
    for (const [n, ofFile] of byNumber) if (!held.has(n)) orphans.push(...ofFile);
  }
  return { orphans, foreign };
}

/** First the files, then what waits under the staging prefix. */
function readCursor(cursor: string | null): { prefix: string; after?: string } {
  if (cursor === null) return { prefix: FILES_PREFIX };
  if (cursor === STAGING_CURSOR) return { prefix: STAGING_PREFIX };
  const [where = "", after = ""] = cursor.split(/:(.*)/s);
  return { prefix: where === STAGING_CURSOR ? STAGING_PREFIX : FILES_PREFIX, after };
}

function nextCursor(prefix: string, after: string | null): string | null {
  if (prefix === STAGING_PREFIX) return after === null ? null : `${STAGING_CURSOR}:${after}`;
  return after === null ? STAGING_CURSOR : `files:${after}`;
}
