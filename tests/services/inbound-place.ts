import { randomUUID } from "node:crypto";
import path from "node:path";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { bridgeEnv } from "./endpoints.ts";
import { InboundTopic } from "./inbound-topic.ts";
import { KillableBridge } from "./killable-bridge.ts";
import { CACHE } from "./servers/cache.ts";

/** Topics that a bridge consumes: the variable that names one, and how the consumers' group ends. */
const KINDS = {
  quotes: { variable: "KAFKA_TOPIC_QUOTE_EVENTS", group: "inbound" },
  notifications: { variable: "KAFKA_TOPIC_CHAT_NOTIFICATIONS", group: "notifications" },
} as const;

/** An edge, a topic of a test's own, and the bridges that carry its records to the edge. */
export class InboundPlace {
  readonly parley: ParleyWorkerd;
  readonly topic: InboundTopic;
  readonly #env: Record<string, string>;
  readonly #logFile: string;

  private constructor(
    parley: ParleyWorkerd,
    topic: InboundTopic,
    env: Record<string, string>,
    logFile: string,
  ) {
    this.parley = parley;
    this.topic = topic;
    this.#env = env;
    this.#logFile = logFile;
  }

  static async start(kind: keyof typeof KINDS): Promise<InboundPlace> {
    const { variable, group } = KINDS[kind];
    const run = randomUUID();
    const clientId = `chat-${run}`;
    const parley = await ParleyWorkerd.start();
    const topic = await InboundTopic.create(`${kind}.${run}`, `${clientId}.${group}`);
    const named = { KAFKA_CLIENT_ID_CHAT_SVC: clientId, [variable]: topic.name };
    const logFile = path.join(CACHE, `logs/${kind}-bridge.log`);
    return new InboundPlace(parley, topic, { ...bridgeEnv(parley), ...named }, logFile);
  }

  /** One at a time: they share their log. */
  spawnBridge(): Promise<KillableBridge> {
    return KillableBridge.spawn(this.#env, this.#logFile);
  }

  async stop(): Promise<void> {
    await this.topic.close();
    await this.parley.stop();
  }
}
