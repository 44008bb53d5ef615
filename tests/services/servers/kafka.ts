import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { freePorts } from "../../support/free-port.ts";
import { installOnce } from "./cache.ts";
import { runCommand } from "./command.ts";
import type { KafkaGuard } from "./kafka-guard.ts";
import { startService } from "./managed-service.ts";
import type { RunningService, Server } from "./service.ts";
import { startedOn, type SmallDisk } from "./small-disk.ts";
import { requireCommand } from "./tied-child.ts";

/** The newest release; it needs Java 17. kafkajs 2.2.4 speaks to it with every call that the bridge makes. */
const VERSION = "4.4.0";
/** The logging interface that Kafka 4 is built against; this backend of it needs no configuration file. */
const SLF4J_VERSION = "1.7.36";
/** Any 16 bytes. */
const CLUSTER_ID = Buffer.from("parley-test-node").toString("base64url");

/** Apache Kafka as one KRaft node, resolved by Maven. */
export const kafka: Server = {
  async install() {
    await installLibraries();
  },
  start: () => startKafka(),
};

export interface KafkaOptions {
  /** Clients of its listener need TLS and a login; the service's own address stays open. */
  guard?: KafkaGuard;
  /** Where it stores, if not in a folder of its own. */
  disk?: SmallDisk;
}

export async function startKafka({ guard, disk }: KafkaOptions = {}): Promise<RunningService> {
  const java = requireCommand("java");
  const libraries = await installLibraries();
  const [port, controllerPort] = await freePorts();
  const broker = `127.0.0.1:${port}`;
  const classPath = ["-cp", path.join(libraries, "*")];
  return await startService({
    name: "kafka",
    version: `Apache Kafka ${VERSION}`,
    address: broker,
    env: { KAFKA_BROKERS: broker },
    async process(dataFolder) {
      const config = path.join(dataFolder, "server.properties");
      const logFolder = path.join(disk?.folder ?? dataFolder, "log");
      await writeFile(config, serverProperties({ broker, controllerPort, logFolder, guard }));
      const format = ["format", "--cluster-id", CLUSTER_ID, "--config", config];
      if (guard !== undefined) format.push(...guard.formatArgs);
      const tool = [...classPath, "kafka.tools.StorageTool", ...format];
      const formatting = startedOn(disk, java, tool);
      await runCommand(formatting.command, formatting.args, { log: `kafka-format-${process.pid}` });
      const flags = ["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"];
      const server = startedOn(disk, java, [...flags, ...classPath, "kafka.Kafka", config]);
      return { ...server, probe: () => probe(broker) };
    },
  });
}

function installLibraries(): Promise<string> {
  return installOnce(`kafka-${VERSION}`, async (folder) => {
    await writeFile(path.join(folder, "pom.xml"), POM);
    const copy = ["dependency:copy-dependencies", "-DoutputDirectory=."];
    await runCommand("mvn", ["--batch-mode", "--quiet", ...copy], {
      cwd: folder,
      log: "kafka-install",
    });
  });
}

/** The first producer and the first group make a broker set up internal topics; here that is over before tests begin. */
async function probe(broker: string): Promise<void> {
  const client = new Kafka({
    brokers: [broker],
    clientId: "probe",
    logLevel: logLevel.NOTHING,
    // a first try finds no broker before it has asked who there is, and an idempotent producer insists on one
    retry: { retries: 2 },
  });
  const admin = client.admin();
  const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
  try {
    await admin.connect();
    await producer.connect();
    await admin.fetchOffsets({ groupId: "probe" });
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
  }
}

interface ServerOptions {
  broker: string;
  controllerPort: number;
  logFolder: string;
  guard: KafkaGuard | undefined;
}

function serverProperties({ broker, controllerPort, logFolder, guard }: ServerOptions): string {
  const guarded = guard === undefined ? "" : `,SASL_SSL://${guard.address}`;
  return `${guard?.properties ?? ""}process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://${broker},CONTROLLER://127.0.0.1:${controllerPort}${guarded}
advertised.listeners=PLAINTEXT://${broker}${guarded}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs=${logFolder}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
`;
}

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>parley</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>${SLF4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
