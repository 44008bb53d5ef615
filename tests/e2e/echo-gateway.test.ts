import { afterAll, beforeAll, expect, it } from "vitest";
import { hasIpv6Loopback, startEchoGateway } from "../echo-gateway/start.ts";
import { EngineClient } from "../support/engine-client.ts";
import type { Workerd } from "../support/workerd.ts";

/** What the official suites need of the server beyond the protocols: see docs/protocol-tests.md. */
let workerd: Workerd;

beforeAll(async () => {
  workerd = await startEchoGateway();
});
afterAll(() => workerd.stop());

it.each([
  {
    path: "/engine.io/",
    does: "declines to compress, so that frames are read as they arrive",
    extensions: /^$/,
  },
  {
    path: "/socket.io/",
    does: "compresses, so that frames are read one at a time",
    extensions: /^permessage-deflate/,
  },
])("$path $does", async ({ path, extensions }) => {
  const { wire } = await new EngineClient(`${workerd.url}${path}`).open();
  expect(wire.extensions).toMatch(extensions);
  wire.close();
});

it.runIf(hasIpv6Loopback())("is there wherever localhost leads", async () => {
  const { port } = new URL(workerd.url);
  const answer = await fetch(`http://[::1]:${port}/engine.io/?EIO=4&transport=polling`);
  expect(answer.status).toBe(200);
});
