import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { percentile } from "../../bench/measure.ts";
import { withSignsOfLife } from "../../scripts/signs-of-life.ts";
import { bridgeCommand } from "../services/bridge-command.ts";
import { KillableBridge } from "../services/killable-bridge.ts";
import { CACHE } from "../services/servers/cache.ts";
import { startServices } from "../services/servers/index.ts";
import { eventually } from "../support/eventually.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { Load, type LoadOptions, type Times } from "./load.ts";
import { Watch, type Look } from "./watch.ts";

export interface OutageOptions extends LoadOptions {
  minutes: number;
  said: (line: string) => void;
}

/** Of one phase; ms. */
export interface PhaseFigures {
  messages: number;
  ackP50: number;
  ackP99: number;
  deliveredP50: number;
  deliveredP99: number;
}

export interface OutageFigures {
  minutes: number;
  phases: Record<"before" | "outage" | "draining" | "after", PhaseFigures>;
  /** p99 during the outage over p99 before it. */
  ratio: { ack: number; delivered: number };
  /** From the outage until edge and bridge said so, and from the end of it until nothing lagged any more; s. */
  saidAfterS: number;
  drainedAfterS: number;
  /** The largest that the bridge told, ms. */
  largestLagMs: { kafka: number; mongodb: number };
  /** What was wrong with what was said of health; empty when it was the truth. */
  untruths: string[];
  /** `verify` found MongoDB equal to the logs. */
  isVerified: boolean;
  looks: Look[];
}

/** The first seconds meet cold code; s. */
const WARM_UP_S = 10;
/** Chat is measured at most this long without an outage; s. */
const LONGEST_CALM_S = 120;
/** Three heartbeats, after which anything must be known at the edge; s. */
const KNOWN_WITHIN_S = 30;
const DRAINED_WITHIN_MS = 600_000;
/** A bridge that is level with the load lags less than this; ms. */
const LEVEL_LAG_MS = 2_000;

/** Stops Kafka and MongoDB under live chat for a while, and measures what people notice of it. */
export async function runOutage(options: OutageOptions): Promise<OutageFigures> {
  let step = "starting";
  const said = (line: string) => {
    step = line;
    options.said(line);
  };
  return withSignsOfLife(
    options.said,
    () => step,
    () => measure({ ...options, said }),
  );
}

async function measure(options: OutageOptions): Promise<OutageFigures> {
  const { minutes, said } = options;
  const services = await startServices({ only: ["kafka", "mongo"] });
  const { kafka, mongo } = services;
  if (kafka.state !== "running" || mongo.state !== "running") {
    const absent = [kafka, mongo].filter((service) => service.state === "absent");
    throw new Error(absent.map(({ reason }) => reason).join("; "));
  }
  const parley = await ParleyWorkerd.start();
  const env = {
    EDGE_URL: parley.url,
    BRIDGE_SECRET: parley.bridgeSecret,
    KAFKA_BROKERS: kafka.address,
    MONGODB_URI: `mongodb://${mongo.address}/outage`,
  };
  const bridge = await KillableBridge.spawn(env, path.join(CACHE, "logs/outage-bridge.log"));
  await bridge.owns("all");
  const watch = new Watch(parley.url, bridge.healthUrl);
  const load = await Load.start(parley, options);
  try {
    const calmS = Math.min(minutes * 60, LONGEST_CALM_S);
    await pause(WARM_UP_S * 1_000);
    load.takeTimes();
    said(`chat as it is, for ${calmS} s`);
    await pause(calmS * 1_000);
    const before = figuresOf(load.takeTimes());

    said(`Kafka and MongoDB are stopped, for ${minutes} min`);
    await Promise.all([kafka.kill(), mongo.kill()]);
    load.takeTimes();
    const stoppedAtS = watch.seconds;
    await pause(minutes * 60_000);
    const outage = figuresOf(load.takeTimes());
    const endedAtS = watch.seconds;

    said("both come back");
    await Promise.all([kafka.restart(), mongo.restart()]);
    await eventually(async () => {
      if (!isLevel(watch.last)) throw new Error(`still behind: ${JSON.stringify(watch.last)}`);
    }, DRAINED_WITHIN_MS);
    const drainedAfterS = watch.seconds - endedAtS;
    const draining = figuresOf(load.takeTimes());

    said(`all is level again; chat as it is, for ${calmS} s`);
    await pause(calmS * 1_000);
    const after = figuresOf(load.takeTimes());
    await load.stop();
    watch.stop();
    said("comparing the archive with the logs");
    const verified = await bridgeCommand(env, "verify", "all");
    const { looks } = watch;
    const during = looks.filter(({ atS }) => atS > stoppedAtS && atS < endedAtS);
    const saidAtS = during.find(isSaid)?.atS ?? Infinity;
    return {
      minutes,
      phases: { before, outage, draining, after },
      ratio: {
        ack: outage.ackP99 / before.ackP99,
        delivered: outage.deliveredP99 / before.deliveredP99,
      },
      saidAfterS: saidAtS - stoppedAtS,
      drainedAfterS,
      largestLagMs: {
        kafka: Math.max(...during.map(({ lagMs }) => lagMs.kafka)),
        mongodb: Math.max(...during.map(({ lagMs }) => lagMs.mongodb)),
      },
      untruths: untruthsOf(during, stoppedAtS),
      isVerified: verified.exitCode === 0,
      looks,
    };
  } finally {
    watch.stop();
    await load.stop();
    await bridge.kill();
    await parley.stop();
    await services.stop();
  }
}

/** Edge and bridge know that both servers are gone; why, in the words that docs/bridge.md lists. */
function isSaid({ kafka, mongodb, edge }: Look): boolean {
  return kafka === "error: unreachable" && mongodb === "error: unreachable" && edge === "degraded";
}

function isLevel(look: Look | undefined): boolean {
  if (look === undefined) return false;
  const { kafka, mongodb, lagMs } = look;
  const isHealthy = kafka === "healthy" && mongodb === "healthy";
  return isHealthy && Math.max(lagMs.kafka, lagMs.mongodb) < LEVEL_LAG_MS;
}

function untruthsOf(during: readonly Look[], stoppedAtS: number): string[] {
  const known = during.filter(({ atS }) => atS > stoppedAtS + KNOWN_WITHIN_S);
  const untruths = known.flatMap((look) => [
    ...(isSaid(look) ? [] : [`${look.atS} s: ${look.kafka}, ${look.mongodb}, ${look.edge}`]),
    ...(look.httpStatus === 200 ? [] : [`${look.atS} s: the edge answered ${look.httpStatus}`]),
  ]);
  const lags = known.map(({ lagMs }) => Math.min(lagMs.kafka, lagMs.mongodb));
  const doesRise = lags.every((lag, n) => n === 0 || lag >= (lags[n - 1] ?? 0));
  return doesRise ? untruths : [...untruths, "the lag fell during the outage"];
}

function figuresOf({ acked, delivered }: Times): PhaseFigures {
  return {
    messages: acked.length,
    ackP50: percentile(acked, 0.5),
    ackP99: percentile(acked, 0.99),
    deliveredP50: percentile(delivered, 0.5),
    deliveredP99: percentile(delivered, 0.99),
  };
}
