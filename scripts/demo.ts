import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort, freePorts } from "../tests/support/free-port.ts";
import { givenTo } from "./command-line.ts";
import { openDemoArchive } from "./demo/archive.ts";
import { compareAll, type Comparison } from "./demo/compare.ts";
import { readDialogue } from "./demo/dialogue.ts";
import { Person } from "./demo/person.ts";
import { play, type Played } from "./demo/play.ts";
import { applyMigrations } from "./dev-setup.ts";
import { interruption } from "./interruption.ts";
import type { LoggedChild } from "./logged-child.ts";
import { runningServices } from "./running-services.ts";
import { startBridgeProcess, startEdgeProcess } from "./stack.ts";
import { textTable } from "./text-table.ts";

async function main(folder: string, children: LoggedChild[]): Promise<boolean> {
  const sinkFolder = path.join(folder, "sink");
  const environment = { ...(await runningServices()), ...process.env, PARLEY_SINK_DIR: sinkFolder };
  console.log("starting an edge and a bridge for the demo");
  const persistTo = path.join(folder, "state");
  await applyMigrations(persistTo);
  const [port, inspectorPort] = await freePorts();
  const edge = await startEdgeProcess({
    port,
    inspectorPort,
    persistTo,
    logFile: path.join(folder, "edge.log"),
  });
  children.push(edge.child);
  const bridge = await startBridgeProcess({
    edgeUrl: edge.url,
    healthPort: await freePort(),
    env: environment,
    logFile: path.join(folder, "bridge.log"),
  });
  children.push(bridge.child);
  const played = await playAll(edge.url);
  const archive = await openDemoArchive(environment, sinkFolder);
  const comparisons = await compareAll(played, archive);
  await archive.close();
  for (const { viewers } of played) for (const { session } of viewers) session.close();
  const cuts = played.reduce((sum, each) => sum + each.cuts, 0);
  console.log(`\n${resultTable(comparisons, archive)}\n\n${cuts} connections were cut on the way`);
  return comparisons.every(({ agree }) => agree);
}

async function playAll(edgeUrl: string): Promise<Played[]> {
  const scenes = await readDialogue();
  const names = [...new Set(scenes.flatMap(({ people }) => people))];
  const cast = new Map<string, Person>();
  for (const [index, name] of names.entries()) {
    cast.set(name, await Person.register(edgeUrl, name, `demo.${index + 1}`));
  }
  const played: Played[] = [];
  for (const scene of scenes) {
    console.log(`\n${scene.title}`);
    played.push(await play(scene, cast, (line) => console.log(line)));
  }
  return played;
}

function resultTable(
  comparisons: readonly Comparison[],
  names: { kafkaName: string; mongoName: string },
): string {
  const head = [
    "conversation",
    "said",
    "viewers",
    "edge",
    names.kafkaName,
    names.mongoName,
    "all agree",
  ];
  const rows = comparisons.map(({ title, counts, agree }) => [
    title,
    ...[counts.said, counts.viewers, counts.edge, counts.kafka, counts.mongo].map(String),
    agree ? "yes" : "NO",
  ]);
  return textTable([head, ...rows]);
}

givenTo({
  name: "npm run demo",
  does:
    "Holds two conversations on an edge of its own while connections are cut, then reads them back from the edge, from " +
    "Kafka and from MongoDB: those of the environment or of `npm run services`; else the embedded sink.",
  options: {},
});
const interrupted = interruption().then(() => false);
const folder = await mkdtemp(path.join(tmpdir(), "parley-demo-"));
const children: LoggedChild[] = [];
let isDone = false;
try {
  isDone = await Promise.race([main(folder, children), interrupted]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  for (const child of children.toReversed()) await child.stop();
  await rm(folder, { recursive: true, force: true });
}
// ends here and now: a demo that was interrupted halfway must not go on
process.exit(isDone ? 0 : 1);
