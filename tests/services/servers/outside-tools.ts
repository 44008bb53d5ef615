import { writeFile } from "node:fs/promises";
import path from "node:path";
import { installOnce } from "./cache.ts";
import { runCommand } from "./command.ts";

/** Programs of other people that read what the bridge wrote: as their projects ship them, installed once. */

const KAFKA_TOOLS_VERSION = "4.4.0";
const MONGOSH_VERSION = "2.12.0";

/** Kafka's own console consumer: reads `count` records of a topic from its start, with key and headers, one a line. */
export async function consumeOnConsole(
  broker: string,
  topic: string,
  count: number,
): Promise<string[]> {
  const libraries = await installOnce(`kafka-tools-${KAFKA_TOOLS_VERSION}`, async (folder) => {
    await writeFile(path.join(folder, "pom.xml"), POM);
    const copy = ["dependency:copy-dependencies", "-DoutputDirectory=."];
    await runCommand("mvn", ["--batch-mode", "--quiet", ...copy], {
      cwd: folder,
      log: "kafka-tools-install",
    });
  });
  const tool = [
    "-cp",
    path.join(libraries, "*"),
    "org.apache.kafka.tools.consumer.ConsoleConsumer",
  ];
  const what = ["--bootstrap-server", broker, "--topic", topic, "--from-beginning"];
  const until = ["--max-messages", `${count}`, "--timeout-ms", `${CONSUME_WITHIN_MS}`];
  const shown = ["print.key", "print.headers"].flatMap((name) => [
    "--formatter-property",
    `${name}=true`,
  ]);
  const output = await runCommand("java", [...tool, ...what, ...until, ...shown], {
    log: `console-consumer-${process.pid}`,
  });
  // beside the records, the tool says what it thinks of its logging, and how many there were
  return output.split("\n").filter((line) => line.includes("\t"));
}

/** MongoDB's own shell: evaluates an expression in a database and answers what it prints as JSON. */
export async function evaluateInMongosh(uri: string, expression: string): Promise<unknown> {
  const folder = await installOnce(`mongosh-${MONGOSH_VERSION}`, async (target) => {
    const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
    await runCommand("npm", [...install, "--prefix", target, `mongosh@${MONGOSH_VERSION}`], {
      cwd: target,
      log: "mongosh-install",
    });
  });
  const shell = path.join(folder, "node_modules/mongosh/bin/mongosh.js");
  const script = `print(${JSON.stringify(MARK)} + EJSON.stringify(${expression}))`;
  const output = await runCommand(
    process.execPath,
    [shell, uri, "--quiet", "--norc", "--eval", script],
    { log: `mongosh-${process.pid}`, env: { HOME: folder } },
  );
  const answer = output.split("\n").find((line) => line.startsWith(MARK));
  if (answer === undefined) throw new Error(`mongosh says: ${output}`);
  return JSON.parse(answer.slice(MARK.length));
}

const CONSUME_WITHIN_MS = 60_000;
const MARK = "answer: ";

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>parley</groupId>
  <artifactId>kafka-tools</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>${KAFKA_TOOLS_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;
