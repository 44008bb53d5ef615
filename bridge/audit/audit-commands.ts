import { setTimeout as pause } from "node:timers/promises";
import { ArchiveReader } from "../mongo/archive-reader.ts";
import { backfill } from "./backfill.ts";
import type { Command } from "../command-line.ts";
import type { BridgeConfig, SinkConfig } from "../config.ts";
import { Edge, EdgeAnswerError } from "../edge/edge.ts";
import type { CommandPorts } from "./every-conversation.ts";
import { faultOf } from "../fault.ts";
import { reasonOf, type Log } from "../log.ts";
import { Patience } from "../patience.ts";
import { Progress, type Terminal } from "./progress.ts";
import { createSink } from "../sinks/sinks.ts";
import { verify } from "./verify.ts";

/** As shells name a program that SIGINT ended. */
const INTERRUPTED = 130;
/** Between two looks at an archive that a bridge is filling; ms. */
const LOOK_AGAIN_MS = 250;

/** Sends logs again into the archive. Exit code 1 when it fails, 130 when it was interrupted. */
export async function runBackfill(
  command: Extract<Command, { name: "backfill" }>,
  config: BridgeConfig,
  log: Log,
): Promise<void> {
  const chosen = config.sinks.filter(({ type }) => type !== "kafka" || command.kafka);
  if (chosen.length === 0) {
    log.error("backfill.failed", {
      reason: "there is no archive: set MONGODB_URI, or add --kafka",
    });
    process.exitCode = 1;
    return;
  }
  const sinks = chosen.map((sink) => createSink(sink, config.topics, log));
  try {
    await longCommand("backfill", config, log, (ports) =>
      backfill({ ...ports, sinks, chosen: command.chosen, from: command.from }),
    );
  } finally {
    await Promise.allSettled(sinks.map((sink) => sink.stop()));
  }
}

/** Compares logs with the archive. Exit code 1 when something differs or it fails, 130 when it was interrupted. */
export async function runVerify(
  command: Extract<Command, { name: "verify" }>,
  config: BridgeConfig,
  log: Log,
): Promise<void> {
  const mongodb = config.sinks.find((sink): sink is MongoConfig => sink.type === "mongodb");
  if (mongodb === undefined) {
    log.error("verify.failed", { reason: "there is no archive to compare with: set MONGODB_URI" });
    process.exitCode = 1;
    return;
  }
  const archive = new ArchiveReader(mongodb);
  let leftMs = command.waitMs;
  const waitForBridge = async () => {
    if (leftMs <= 0) return false;
    leftMs -= LOOK_AGAIN_MS;
    await pause(LOOK_AGAIN_MS);
    return true;
  };
  let differing = 0;
  try {
    await longCommand("verify", config, log, (ports) =>
      verify({
        ...ports,
        archive,
        waitForBridge,
        chosen: command.chosen,
        differs: (conversationId, difference) => {
          differing++;
          log.error("verify.differs", { conversationId, ...difference });
        },
      }),
    );
  } finally {
    await archive.close();
  }
  if (differing === 0) return;
  log.error("verify.differing", { conversations: differing });
  process.exitCode ??= 1;
}

type MongoConfig = Extract<SinkConfig, { type: "mongodb" }>;

/** Runs a command that may take hours: says how far it is, ends when it is asked to, and then says how to go on. */
async function longCommand(
  name: "backfill" | "verify",
  { edgeUrl, secret }: BridgeConfig,
  log: Log,
  run: (ports: CommandPorts) => Promise<void>,
): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupt);
  const progress = new Progress(name, log, terminal(), Date.now);
  const patience = new Patience(log, Math.random, interrupted.signal);
  let failure: unknown = null;
  try {
    await run({ edge: new Edge(edgeUrl, secret), patience, progress });
  } catch (error) {
    failure = error;
  } finally {
    progress.stop();
  }
  const counts = progress.counts();
  const goOnWith = `the same command${progress.cursor === null ? "" : ` and --cursor ${progress.cursor}`}`;
  if (patience.isOver) {
    log.warn(`${name}.interrupted`, { ...counts, goOnWith });
    process.exitCode = INTERRUPTED;
  } else if (failure !== null) {
    const fields = { fault: faultOf(failure), reason: commandReason(failure) };
    log.error(`${name}.failed`, { ...counts, ...fields, goOnWith });
    process.exitCode = 1;
  } else {
    log.info(`${name}.done`, counts);
  }
}

function commandReason(error: unknown): string {
  const isUnknown = error instanceof EdgeAnswerError && error.code === "NOT_FOUND";
  return isUnknown ? "the edge knows no such conversation" : reasonOf(error);
}

/** Progress goes beside the log, which is for programs. */
function terminal(): Terminal {
  return process.stderr.isTTY ? process.stderr : null;
}
