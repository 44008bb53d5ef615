import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { makeSigningKeys } from "./scripts/dev-keys.ts";

/** How long a test waits for what happens beside it; a machine that is busy must not fail it. */
const POLL_TIMEOUT_MS = 20_000;

/** Four suites: pure code, objects in workerd, whole paths on Node, and those that need real outside servers. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{protocol,core,client,bridge,scripts,web}/**/*.test.ts",
            "tests/unit/**/*.test.ts",
          ],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: "./tests/workerd/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              durableObjects: {
                FRAMING: { className: "FramingGateway", useSQLite: true },
              },
              bindings: {
                AUTH_SIGNING_KEYS: await makeSigningKeys(),
                BRIDGE_SECRET: crypto.randomUUID(),
                FILE_URL_SECRET: crypto.randomUUID(),
                // an eviction waits for it
                REST_AFTER_MS: "500",
                MIGRATIONS: await readD1Migrations("migrations/accounts"),
              },
            },
          })),
        ],
        test: {
          name: "workerd",
          include: ["tests/workerd/**/*.test.ts"],
          setupFiles: ["tests/workerd/setup.ts"],
          globalSetup: ["tests/workerd/outside-issuer.ts"],
          testTimeout: 60_000,
          expect: { poll: { timeout: POLL_TIMEOUT_MS } },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "services",
          // of kafkajs, see scripts/bridge-program.ts
          execArgv: ["--disable-warning=TimeoutNegativeWarning"],
          include: ["tests/services/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
