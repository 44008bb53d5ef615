import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ParleyClient } from "../../client/index.ts";
import { readTopic } from "../support/embedded-archive.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, freePorts } from "../support/free-port.ts";
import { isRunning, NpmStart } from "../support/npm-start.ts";

const READY = "Ctrl-C stops everything";

/** Ports and a data folder that nobody else uses. */
async function ownPlace() {
  const folder = await mkdtemp(path.join(tmpdir(), "parley-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [port, healthPort] = await freePorts();
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    env: { PORT: `${port}`, BRIDGE_HEALTH_PORT: `${healthPort}`, PARLEY_DATA_DIR: folder },
  };
}

function npmStart(env: Record<string, string>, ...args: string[]): NpmStart {
  const started = new NpmStart(env, args.length === 0 ? undefined : args);
  onTestFinished(async () => {
    started.pressCtrlC();
    await started.ended();
  });
  return started;
}

/** A row of the printed table, with single spaces. */
function row(started: NpmStart, part: string): string | undefined {
  const line = started.output.split("\n").find((each) => each.startsWith(part));
  return line?.replaceAll(/\s+/g, " ");
}

async function register(baseUrl: string, name: string): Promise<ParleyClient> {
  const client = new ParleyClient({ baseUrl });
  await client.register({ matricule: `m-${crypto.randomUUID()}`, password: "correct horse", name });
  return client;
}

test("npm start serves a message all the way, says what runs, and Ctrl-C leaves nothing behind", async () => {
  const { url, folder, env } = await ownPlace();
  const started = npmStart(env);
  await started.says(READY);
  expect(row(started, "web app")).toBe(`web app running ${url}/`);
  expect(row(started, "embedded sink")).toMatch(/^embedded sink running /);
  expect(row(started, "Kafka")).toBe("Kafka off KAFKA_BROKERS is not set");
  expect(row(started, "MongoDB")).toBe("MongoDB off MONGODB_URI is not set");

  const [amina, jonas] = [await register(url, "Amina"), await register(url, "Jonas")];
  const { conversationId } = await amina.rest.createDirect(jonas.user?.userId ?? "");
  const session = amina.conversation(conversationId);
  session.open();
  const { seq } = await session.send("hello");
  session.close();
  const inKafka = { conversationId, seq, content: "hello" };
  await eventually(async () =>
    expect(await readTopic(path.join(folder, "sink"), "chat.messages")).toEqual([inKafka]),
  );

  const processes = started.descendants();
  expect(processes.length).toBeGreaterThan(3); // npm, the script, wrangler, workerd, the bridge
  started.pressCtrlC();
  await started.ended();
  await eventually(async () => expect(processes.filter(isRunning)).toEqual([]));
});

test("a second start on the same data is refused with words, and the first one runs on", async () => {
  const { url, env } = await ownPlace();
  const first = npmStart(env);
  await first.says(READY);
  const second = npmStart({ ...env, PORT: `${await freePort()}` });
  expect(await second.ended()).toBe(1);
  expect(second.output).toContain(`Parley runs already: ${url} (npm start, `);
  const beside = npmStart({ ...env, PORT: `${await freePort()}` }, "run", "dev");
  expect(await beside.ended()).toBe(1);
  expect(beside.output).toContain(`Parley runs already: ${url} (npm start, `);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("npm start beside npm run dev is refused with words, and Ctrl-C leaves nothing of it behind", async () => {
  const { url, folder, env } = await ownPlace();
  const dev = npmStart(env, "run", "dev");
  await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200), 60_000);
  const second = npmStart({ ...env, PORT: `${await freePort()}` });
  expect(await second.ended()).toBe(1);
  expect(second.output).toContain(`Parley runs already: ${url} (npm run dev, `);
  expect((await fetch(`${url}/health`)).status).toBe(200);

  const processes = dev.descendants();
  dev.pressCtrlC();
  await dev.ended();
  await eventually(async () => expect(processes.filter(isRunning)).toEqual([]));
  expect(await readdir(folder)).not.toContain("running.json");
});

test("a port that is none, or is taken, is refused with the variable to change", async () => {
  const { env } = await ownPlace();
  const wrong = npmStart({ ...env, PORT: "eighty" });
  expect(await wrong.ended()).toBe(1);
  expect(wrong.output).toContain("PORT is not a port: eighty");

  const other = createServer().listen(Number(env.PORT), "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const late = npmStart(env);
  expect(await late.ended()).toBe(1);
  expect(late.output).toContain(`port ${env.PORT} is in use; choose another one with PORT=`);
});

test("a Kafka that does not answer is named in the table, and the chat runs without it", async () => {
  const { url, env } = await ownPlace();
  const nobody = `127.0.0.1:${await freePort()}`;
  const started = npmStart({ ...env, KAFKA_BROKERS: nobody });
  await started.says(READY);
  expect(row(started, "Kafka")).toContain(`Kafka waiting no answer from ${nobody}`);
  expect(row(started, "embedded sink")).toBe("embedded sink off Kafka or MongoDB is configured");
  expect((await fetch(`${url}/health`)).status).toBe(200);
});
