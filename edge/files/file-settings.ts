import * as v from "valibot";
import { LIMITS } from "../../protocol/limits.ts";
import { ConfigError } from "../config.ts";
import type { FileEnv } from "./file-env.ts";
import type { S3Settings } from "./s3-file-store.ts";

/** How long bytes are kept that nobody can read any more. */
export interface FileTimes {
  graceMs: number;
  uploadMs: number;
}

export interface FileSettings {
  /** Null: files are in the bucket of the binding. */
  s3: S3Settings | null;
  /** Null: nothing can be signed, and the file routes are unavailable. */
  urlSecret: string | null;
  quotaBytes: number;
}

const bytes = v.pipe(v.string(), v.regex(/^[0-9]{1,15}$/), v.transform(Number));
const seconds = v.pipe(v.string(), v.regex(/^[0-9]{1,9}$/), v.transform(Number));
const text = v.pipe(v.string(), v.minLength(1));

const schema = v.pipe(
  v.object({
    S3_ENDPOINT: v.optional(v.pipe(v.string(), v.url())),
    S3_BUCKET: v.optional(text),
    S3_REGION: v.optional(text, "auto"),
    S3_ACCESS_KEY: v.optional(text),
    S3_SECRET_KEY: v.optional(text),
    FILE_URL_SECRET: v.optional(v.pipe(v.string(), v.minLength(16))),
    FILE_QUOTA_BYTES: v.optional(bytes),
    FILE_GRACE_S: v.optional(seconds),
  }),
  v.transform((env): FileSettings | null => {
    const s3 = s3Settings(env);
    if (s3 === undefined) return null;
    return {
      s3,
      urlSecret: env.FILE_URL_SECRET ?? null,
      quotaBytes: env.FILE_QUOTA_BYTES ?? LIMITS.fileQuotaBytes,
    };
  }),
  v.check(
    (settings) => settings !== null,
    "S3_ENDPOINT needs S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY",
  ),
);

/** For the objects, which must work also when the rest of the settings is wrong: the routes say so then. */
export function fileTimes(env: FileEnv): FileTimes {
  const grace = v.safeParse(seconds, env.FILE_GRACE_S);
  const graceSeconds = grace.success ? grace.output : LIMITS.fileGraceSeconds;
  return { graceMs: graceSeconds * 1_000, uploadMs: LIMITS.uploadSeconds * 1_000 };
}

const known = new WeakMap<FileEnv, FileSettings>();

/** The deployment's settings of files, parsed once per isolate. Throws a `ConfigError`. */
export function fileSettings(env: FileEnv): FileSettings {
  const settings = known.get(env) ?? readSettings(env);
  known.set(env, settings);
  return settings;
}

function readSettings(env: FileEnv): FileSettings {
  const parsed = v.safeParse(schema, env);
  if (parsed.success && parsed.output !== null) return parsed.output;
  const names = parsed.issues?.map((issue) => v.getDotPath(issue) ?? issue.message) ?? [];
  throw new ConfigError(`wrong settings of files: ${[...new Set(names)].join(", ")}`);
}

/** Null without an endpoint; undefined when what belongs to one is missing. */
function s3Settings(env: {
  S3_ENDPOINT?: string | undefined;
  S3_BUCKET?: string | undefined;
  S3_REGION: string;
  S3_ACCESS_KEY?: string | undefined;
  S3_SECRET_KEY?: string | undefined;
}): S3Settings | null | undefined {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = env;
  const { S3_ACCESS_KEY: accessKeyId, S3_SECRET_KEY: secretAccessKey } = env;
  if (endpoint === undefined) return null;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    return undefined;
  }
  return { endpoint, bucket, region, accessKeyId, secretAccessKey };
}
