import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { kafkaBrokers, mongoUri } from "./endpoints.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { CACHE } from "./servers/cache.ts";

/** What is wrong everywhere, so that every far end refuses it and says so. */
const SECRETS = {
  bridge: "wrong-bridge-secret",
  kafka: "wrong-kafka-password",
  mongo: "wrong-mongo-p@ssword",
};

test("with wrong credentials everywhere the bridge says what is wrong, and no line of its log holds a secret", async () => {
  const parley = await ParleyWorkerd.start();
  const logFile = path.join(CACHE, `logs/secrets-bridge-${process.pid}.log`);
  const mongo = encodeURIComponent(SECRETS.mongo);
  const bridge = await KillableBridge.spawn(
    {
      EDGE_URL: parley.url,
      BRIDGE_SECRET: SECRETS.bridge,
      KAFKA_BROKERS: kafkaBrokers().join(","),
      KAFKA_SASL_USERNAME: "chat",
      KAFKA_SASL_PASSWORD: SECRETS.kafka,
      // a mechanism that the server does not know, with credentials that it does not have
      MONGODB_URI: mongoUri().replace("//", `//chat:${mongo}@`),
    },
    logFile,
  );
  onTestFinished(async () => {
    await bridge.kill();
    await parley.stop();
  });
  const said = await eventually(async () => {
    const text = await readFile(logFile, "utf8");
    expect(text).toMatch(/"event":"edge\.unheard".*"fault":"unauthorized"/);
    expect(text).toMatch(/"event":"sink\.retry","sink":"kafka"/);
    expect(text).toMatch(/"event":"inbound\.retry"/);
    return text;
  });
  for (const secret of [...Object.values(SECRETS), mongo]) expect(said).not.toContain(secret);
});
