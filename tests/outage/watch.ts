import * as v from "valibot";

/** What edge and bridge say of themselves at one moment. */
export interface Look {
  /** Since the watch began; s. */
  atS: number;
  /** Of `/health` of the edge: 200 while it serves. */
  httpStatus: number;
  edge: string;
  /** `status` or `status: fault` of `/health/kafka` and `/health/mongodb`. */
  kafka: string;
  mongodb: string;
  /** Age of the oldest event that the bridge holds and the sink lacks, as the bridge says itself; ms. */
  lagMs: { kafka: number; mongodb: number };
}

const LOOK_MS = 1_000;

const edgeSchema = v.object({ status: v.string() });
const partSchema = v.object({ status: v.string(), fault: v.nullable(v.string()) });
const lagSchema = v.object({ lagMs: v.number() });
const bridgeSchema = v.object({ sinks: v.object({ kafka: lagSchema, mongodb: lagSchema }) });

/** Looks at the health of edge and bridge every second. */
export class Watch {
  readonly looks: Look[] = [];
  readonly #edgeUrl: string;
  readonly #bridgeHealthUrl: string;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor(edgeUrl: string, bridgeHealthUrl: string) {
    this.#edgeUrl = edgeUrl;
    this.#bridgeHealthUrl = bridgeHealthUrl;
    this.#timer = setInterval(() => void this.#look().catch(() => undefined), LOOK_MS);
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  get last(): Look | undefined {
    return this.looks.at(-1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One that fails is left out: only what was told is told on. */
  async #look(): Promise<void> {
    const atS = Math.round(this.seconds * 10) / 10;
    const [edge, kafka, mongodb, bridge] = await Promise.all([
      fetch(`${this.#edgeUrl}/health`),
      this.#part("kafka"),
      this.#part("mongodb"),
      fetch(this.#bridgeHealthUrl),
    ]);
    const { status } = v.parse(edgeSchema, await edge.json());
    const { sinks } = v.parse(bridgeSchema, await bridge.json());
    const lagMs = { kafka: sinks.kafka.lagMs, mongodb: sinks.mongodb.lagMs };
    this.looks.push({ atS, httpStatus: edge.status, edge: status, kafka, mongodb, lagMs });
  }

  async #part(name: "kafka" | "mongodb"): Promise<string> {
    const answer = await fetch(`${this.#edgeUrl}/health/${name}`);
    const { status, fault } = v.parse(partSchema, await answer.json());
    return fault === null ? status : `${status}: ${fault}`;
  }
}
