import type { Context } from "hono";
import type { Principal } from "../../edge/auth/principal.ts";
import { authenticate } from "../auth/authenticate.ts";
import { ConfigError } from "../../edge/config.ts";
import type { FileAddress } from "../../protocol/file-id.ts";
import type { UserId } from "../../protocol/ids.ts";
import type { Env } from "../../edge/env.ts";
import type { App } from "../hono.ts";
import { accept } from "../../edge/refused-error.ts";
import { fileSettings, type FileSettings } from "../../edge/files/file-settings.ts";
import type { FileStore } from "../../edge/files/file-store.ts";
import { FileUrls } from "./file-urls.ts";
import { ImagesRenderer } from "./images-renderer.ts";
import { openFileStore } from "../../edge/files/open-file-store.ts";
import type { ThumbnailRenderer } from "./thumbnail-renderer.ts";
import { WasmRenderer } from "./wasm-renderer.ts";

/** What the file routes of one request work with. */
export interface FileDesk {
  env: Env;
  store: FileStore;
  settings: FileSettings;
  urls: FileUrls;
  renderer: ThumbnailRenderer;
}

/** Throws a `ConfigError` where the deployment has no place for files. */
export function openFileDesk(c: Context<App>): FileDesk {
  const settings = fileSettings(c.env);
  const store = openFileStore(c.env);
  if (store === null) throw new ConfigError("no file store: bind FILES or set S3_ENDPOINT");
  if (settings.urlSecret === null) throw new ConfigError("missing: FILE_URL_SECRET");
  const { origin } = new URL(c.req.url);
  const urls = new FileUrls(settings.urlSecret, origin, Date.now);
  const { IMAGES } = c.env;
  const renderer = IMAGES === undefined ? new WasmRenderer() : new ImagesRenderer(IMAGES);
  return { env: c.env, store, settings, urls, renderer };
}

/** Who reads: the user of the URL's signature when it carries one, else of the token. */
export async function readerOf(
  c: Context<App>,
  desk: FileDesk,
  file: FileAddress,
): Promise<Principal["userId"]> {
  const query = new URL(c.req.url).searchParams;
  if (!query.has("signature")) return (await authenticate(c)).userId;
  return accept(await desk.urls.verify(query, file, { type: "read" }));
}

/** Who uploads a part of this length: the user of the URL's signature. */
export async function partUploaderOf(
  c: Context<App>,
  desk: FileDesk,
  file: FileAddress,
  part: { part: number; length: number },
): Promise<UserId> {
  const query = new URL(c.req.url).searchParams;
  return accept(await desk.urls.verify(query, file, { type: "part", ...part }));
}
