import type { FileEnv } from "./file-env.ts";
import { fileSettings } from "./file-settings.ts";
import type { FileStore } from "./file-store.ts";
import { R2FileStore } from "./r2-file-store.ts";
import { S3FileStore } from "./s3-file-store.ts";

/** The deployment's store: an S3 API where one is named, else the bucket; null where there is neither. */
export function openFileStore(env: FileEnv): FileStore | null {
  const { s3 } = fileSettings(env);
  if (s3 !== null) return new S3FileStore(s3);
  return env.FILES === undefined ? null : new R2FileStore(env.FILES);
}
