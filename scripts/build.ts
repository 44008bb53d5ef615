import { cp, mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { prepareDevelopment } from "./dev-setup.ts";

/** Bundles the web app. Inside `wrangler dev` it also makes what a fresh clone lacks, so that the edge just starts. */

const WEB = path.resolve(import.meta.dirname, "../web");
const DIST = path.join(WEB, "dist");
const FILES = ["index.html", "style.css", "icon.svg"];

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });
await build({
  entryPoints: [path.join(WEB, "main.ts")],
  outdir: DIST,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  logLevel: "warning",
});
await Promise.all(FILES.map((name) => cp(path.join(WEB, name), path.join(DIST, name))));
if (process.env["WRANGLER_COMMAND"] === "dev") await prepareDevelopment();
