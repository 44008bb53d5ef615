import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { CACHE } from "../tests/services/servers/cache.ts";
import { prepareServices, startServices } from "../tests/services/servers/index.ts";
import { servicesTable } from "../tests/services/servers/table.ts";
import { givenTo } from "./command-line.ts";
import { interruption } from "./interruption.ts";

const ENV_FILE = path.join(CACHE, "env.json");

async function prepare(): Promise<void> {
  const failures = await prepareServices();
  for (const { name, reason } of failures) console.error(`${name}: ${reason}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

async function run(): Promise<void> {
  console.log("starting; the first time this installs the servers, which takes some minutes");
  const services = await startServices();
  const interrupted = interruption();
  console.log(`\n${servicesTable(services)}\n`);
  for (const [name, value] of Object.entries(services.env)) console.log(`export ${name}=${value}`);
  await writeFile(ENV_FILE, `${JSON.stringify(services.env, null, 2)}\n`);
  console.log(`\nthe same in ${path.relative(process.cwd(), ENV_FILE)}; Ctrl-C stops them`);
  // The promise alone would not keep the process when every service is absent.
  const alive = setInterval(() => {}, 60_000);
  await interrupted;
  clearInterval(alive);
  await rm(ENV_FILE, { force: true });
  await services.stop();
}

const { values } = givenTo({
  name: "npm run services",
  does: "Runs Kafka, MongoDB and S3 for development, without Docker, until Ctrl-C. Their data is gone then.",
  options: {
    prepare: { type: "flag", what: "only installs what is missing, Chromium included" },
  },
});
await (values.prepare ? prepare() : run());
