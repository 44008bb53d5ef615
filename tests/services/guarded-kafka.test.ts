import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Participant } from "../support/participant.ts";
import { expectInOrder } from "./kafka-order.ts";
import { TopicReader } from "./kafka-reader.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { CACHE } from "./servers/cache.ts";
import { makeKafkaGuard, type KafkaGuard } from "./servers/kafka-guard.ts";
import { startKafka } from "./servers/kafka.ts";
import type { RunningService } from "./servers/service.ts";

const MESSAGES = 20;
const WITHIN_MS = 60_000;
const WRONG_PASSWORD = "wrong-kafka-password";

let guard: KafkaGuard;
let kafka: RunningService;
let parley: ParleyWorkerd;

beforeAll(async () => {
  guard = await makeKafkaGuard();
  kafka = await startKafka({ guard });
  parley = await ParleyWorkerd.start();
});
afterAll(async () => {
  await parley.stop();
  await kafka.stop();
  await guard.remove();
});

/** A bridge that knows the guarded listener only, and the file that has what it logs. */
async function startBridge(name: string, env: Record<string, string>) {
  const logFile = path.join(CACHE, `logs/guarded-${name}-${process.pid}.log`);
  const guarded = {
    EDGE_URL: parley.url,
    BRIDGE_SECRET: parley.bridgeSecret,
    KAFKA_BROKERS: guard.address,
    KAFKA_SSL: "true",
    KAFKA_SASL_USERNAME: guard.login.username,
    KAFKA_SASL_PASSWORD: guard.login.password,
    NODE_EXTRA_CA_CERTS: guard.certificateFile,
    // nothing else that the run of the suites has set
    MONGODB_URI: "",
  };
  const bridge = await KillableBridge.spawn({ ...guarded, ...env }, logFile);
  onTestFinished(() => bridge.kill());
  return { bridge, logFile };
}

const partSchema = v.object({
  status: v.string(),
  fault: v.nullable(v.string()),
  reason: v.nullable(v.string()),
});
const healthSchema = v.object({
  sinks: v.object({ kafka: partSchema }),
  inbound: v.object({ quotes: partSchema, notifications: partSchema }),
  shards: v.object({ connected: v.number() }),
  events: v.object({ done: v.number() }),
});

async function healthOf(bridge: KillableBridge) {
  return v.parse(healthSchema, await (await fetch(bridge.healthUrl)).json());
}

async function untilEdgeSays(status: string, fault: string | null): Promise<void> {
  await eventually(async () => {
    const told: unknown = await (await fetch(`${parley.url}/health/kafka`)).json();
    expect(told).toMatchObject({ status, fault });
  }, WITHIN_MS);
}

test.each(["plain", "scram-sha-512"])(
  "over TLS by %s: a wrong password is named and loses nothing, with the right one every event is in Kafka, and no log has either",
  async (mechanism) => {
    const env = {
      KAFKA_SASL_MECHANISM: mechanism,
      KAFKA_TOPIC_CHAT_MESSAGES: `messages.${mechanism}`,
    };
    const wrong = await startBridge(`wrong-${mechanism}`, {
      ...env,
      KAFKA_SASL_PASSWORD: WRONG_PASSWORD,
    });
    const userId = `writer-${mechanism}`;
    const conversationId = await parley.group([userId]);
    const writer = new Participant(parley, conversationId, userId);
    onTestFinished(() => writer.close());
    for (let n = 1; n <= MESSAGES; n++) await writer.send(`message ${n}`, `${n}`);
    await eventually(async () => {
      const refused = { status: "degraded", fault: "unauthorized" };
      expect(await healthOf(wrong.bridge)).toMatchObject({
        sinks: { kafka: refused },
        inbound: { quotes: refused, notifications: refused },
        shards: { connected: 0 },
        events: { done: 0 },
      });
    }, WITHIN_MS);
    await untilEdgeSays("error", "unauthorized");
    await wrong.bridge.kill();

    const right = await startBridge(`right-${mechanism}`, env);
    const reader = new TopicReader([kafka.address]);
    await eventually(async () => {
      const records = await reader.read(env.KAFKA_TOPIC_CHAT_MESSAGES);
      expectInOrder(records, [conversationId], MESSAGES);
    }, WITHIN_MS);
    await eventually(async () => {
      const works = { status: "healthy", fault: null };
      expect(await healthOf(right.bridge)).toMatchObject({
        sinks: { kafka: works },
        inbound: { quotes: works, notifications: works },
      });
    }, WITHIN_MS);
    await untilEdgeSays("healthy", null);

    const logs = await Promise.all([wrong, right].map(({ logFile }) => readFile(logFile, "utf8")));
    const [refusals = "", works = ""] = logs;
    expect(refusals).toMatch(/"event":"sink\.retry","sink":"kafka".*"fault":"unauthorized"/);
    expect(works).toMatch(/"event":"bridge\.started"/);
    for (const secret of [WRONG_PASSWORD, guard.login.password]) {
      expect(logs.join("\n")).not.toContain(secret);
    }
  },
);

test("a broker under a certificate that nobody vouches for gets no login: it counts as unreachable, and the reason says why", async () => {
  const { bridge } = await startBridge("untrusted", { NODE_EXTRA_CA_CERTS: "" });
  await eventually(async () => {
    const { kafka: sink } = (await healthOf(bridge)).sinks;
    expect(sink).toMatchObject({ status: "degraded", fault: "unreachable" });
    expect(sink.reason).toMatch(/certificate/);
  }, WITHIN_MS);
});
