import { findChromium } from "./chromium.ts";
import { kafka } from "./kafka.ts";
import { mongo } from "./mongo.ts";
import { s3 } from "./s3.ts";
import {
  orAbsent,
  type AbsentService,
  type FoundProgram,
  type RunningService,
  type Server,
} from "./service.ts";

export type ServiceName = "kafka" | "mongo" | "s3" | "chromium";

export interface Services {
  kafka: RunningService | AbsentService;
  mongo: RunningService | AbsentService;
  s3: RunningService | AbsentService;
  chromium: FoundProgram | AbsentService;
  /** What programs need to reach those that are there. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** All, if not given. */
  only?: readonly ServiceName[];
  /** Whether Chromium may be installed on this machine; in CI it may. */
  installChromium?: boolean;
}

const NOT_ASKED_FOR: AbsentService = { state: "absent", reason: "not asked for" };

/** Starts real servers on free ports of 127.0.0.1 with fresh data, installing what is missing. Never throws. */
export async function startServices(options: StartOptions = {}): Promise<Services> {
  const isAsked = (name: ServiceName) => options.only?.includes(name) ?? true;
  const start = async (name: ServiceName, server: Server) =>
    isAsked(name) ? await orAbsent(() => server.start()) : NOT_ASKED_FOR;
  const [kafkaService, mongoService, s3Service, chromium] = await Promise.all([
    start("kafka", kafka),
    start("mongo", mongo),
    start("s3", s3),
    isAsked("chromium") ? orAbsent(() => findChromium(chromiumOptions(options))) : NOT_ASKED_FOR,
  ]);
  const servers = [kafkaService, mongoService, s3Service];
  const present = [...servers, chromium].filter((service) => service.state !== "absent");
  return {
    kafka: kafkaService,
    mongo: mongoService,
    s3: s3Service,
    chromium,
    env: Object.fromEntries(present.flatMap(({ env }) => Object.entries(env))),
    async stop() {
      const running = servers.filter((service) => service.state === "running");
      await Promise.all(running.map((service) => service.stop()));
    },
  };
}

/** Installs everything and starts nothing; answers what could not be installed, and why. */
export async function prepareServices(): Promise<{ name: ServiceName; reason: string }[]> {
  const installs: Record<ServiceName, () => Promise<unknown>> = {
    kafka: () => kafka.install(),
    mongo: () => mongo.install(),
    s3: () => s3.install(),
    chromium: () => findChromium({ install: true }),
  };
  const outcomes = await Promise.all(
    serviceNames().map(async (name) => {
      const outcome = await orAbsent(async () => {
        await installs[name]();
        return null;
      });
      return outcome === null ? null : { name, reason: outcome.reason };
    }),
  );
  return outcomes.filter((outcome) => outcome !== null);
}

export function serviceNames(): readonly ServiceName[] {
  return ["kafka", "mongo", "s3", "chromium"];
}

function chromiumOptions({ installChromium }: StartOptions): { install: boolean } {
  return { install: installChromium ?? process.env["CI"] !== undefined };
}
