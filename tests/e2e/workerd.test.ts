import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { startEchoGateway } from "../echo-gateway/start.ts";
import { freePort } from "../support/free-port.ts";

test("a workerd on a port that another server has is not taken for running", async () => {
  const other = createServer((_request, response) => response.end("healthy")).listen(
    0,
    "127.0.0.1",
  );
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const address = Object(other.address());
  await expect(startEchoGateway({ port: address.port })).rejects.toThrow(
    `workerd does not listen on 127.0.0.1:${address.port}`,
  );
});

test("one that starts and starts again is the one that answers", async () => {
  const workerd = await startEchoGateway({ port: await freePort() });
  onTestFinished(() => workerd.stop());
  const { pid } = workerd;
  expect((await fetch(`${workerd.url}/nothing`)).status).toBe(404);
  await workerd.restart();
  expect(workerd.pid).not.toBe(pid);
  expect((await fetch(`${workerd.url}/nothing`)).status).toBe(404);
});
