import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { prepareDevelopment } from "./dev-setup.ts";
import { webHeaders } from "./web-headers.ts";

/** Bundles the web app. Inside `wrangler dev` it also makes what a fresh clone lacks, so that the edge just starts. */

const REPO = path.resolve(import.meta.dirname, "..");
const WEB = path.join(REPO, "web");
const DIST = path.join(REPO, "dist/web");
const FILES = ["index.html", "style.css", "messages.css", "groups.css", "files.css", "icon.svg"];

/** A file that is the same already stays untouched: an edge that serves it would reload, and cut every socket. */
async function put(file: string, contents: Uint8Array): Promise<void> {
  const present = await readFile(file).catch(() => null);
  if (present?.equals(contents) !== true) await writeFile(file, contents);
}

const { outputFiles } = await build({
  entryPoints: [path.join(WEB, "main.ts")],
  outdir: DIST,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  write: false,
  logLevel: "warning",
});
const headers = webHeaders(
  await readFile(path.join(WEB, "_headers"), "utf8"),
  process.env["S3_ENDPOINT"],
);
await mkdir(DIST, { recursive: true });
await Promise.all([
  ...outputFiles.map((output) => put(output.path, output.contents)),
  put(path.join(DIST, "_headers"), Buffer.from(headers)),
  ...FILES.map(async (name) => put(path.join(DIST, name), await readFile(path.join(WEB, name)))),
]);
if (process.env["WRANGLER_COMMAND"] === "dev") await prepareDevelopment();
