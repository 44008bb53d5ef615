import { chromium, type Browser } from "playwright-core";
import { findChromium } from "../services/servers/chromium.ts";
import { orAbsent } from "../services/servers/service.ts";

/** A headless browser that talks to nobody but the pages under test. */
const ARGUMENTS = [
  "--no-sandbox", // CI runs as root, where Chromium's own sandbox refuses to start
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why no test in a browser can run here, said once; null when they can. In CI they have to: there it throws. */
export async function missingBrowser(): Promise<string | null> {
  const found = await orAbsent(() => findChromium({ install: false }));
  if (found.state === "found") return null;
  if (process.env["CI"] !== undefined) throw new Error(`CI needs a browser: ${found.reason}`);
  console.warn(`tests in a browser are skipped: ${found.reason}`);
  return found.reason;
}

export async function startBrowser(): Promise<Browser> {
  const { address } = await findChromium({ install: false });
  return chromium.launch({ executablePath: address, args: ARGUMENTS });
}
