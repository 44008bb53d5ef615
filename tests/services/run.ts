import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { REPO } from "./servers/cache.ts";
import { serviceNames, startServices, type Services } from "./servers/index.ts";
import { servicesTable } from "./servers/table.ts";
import { spawnTied } from "./servers/tied-child.ts";

/** Runs the suites that need real outside servers, on servers started for them. Further arguments go to vitest. */

const RESULTS = ".cache/test-results/services.json";
const VITEST = [
  "node_modules/vitest/vitest.mjs",
  "run",
  "--project=services",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${RESULTS}`,
];

async function runVitest(services: Services): Promise<number> {
  await mkdir(path.join(REPO, path.dirname(RESULTS)), { recursive: true });
  const vitest = spawnTied(process.execPath, [...VITEST, ...process.argv.slice(2)], {
    cwd: REPO,
    env: { ...process.env, ...services.env },
    stdio: "inherit",
  });
  const [code] = await once(vitest, "exit");
  return typeof code === "number" ? code : 1;
}

/** On a laptop an absent server is only said; in CI every suite has to run for real. */
function missingInCi(services: Services): boolean {
  if (process.env["CI"] === undefined) return false;
  const absent = serviceNames().filter((name) => services[name].state === "absent");
  if (absent.length === 0) return false;
  console.error(`CI needs every service, and these are absent: ${absent.join(", ")}`);
  return true;
}

const services = await startServices();
console.log(servicesTable(services));
try {
  const code = await runVitest(services);
  process.exitCode = missingInCi(services) && code === 0 ? 1 : code;
} finally {
  await services.stop();
}
