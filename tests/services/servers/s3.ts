import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { AwsClient } from "aws4fetch";
import { freePort } from "../../support/free-port.ts";
import { installGoProgram, type GoProgram } from "./go-program.ts";
import { startService } from "./managed-service.ts";
import type { RunningService, Server } from "./service.ts";

const VERSION = "1.8.0";
const REGION = "us-east-1";
const BUCKET = "chat-files";
const ALREADY_MADE = 409;

/** Pages of any origin may upload, as the bucket of a deployment lets those of its web app. */
const ARGUMENTS = ["--quiet", "--cors-allow-origin", "*"];
const COMMAND = "github.com/versity/versitygw/cmd/versitygw";
const VERSITYGW: GoProgram = {
  name: "versitygw",
  version: VERSION,
  dependency: `${COMMAND}@v${VERSION}`,
  main: { type: "package", path: COMMAND },
  patches: [],
};

/** An S3 server that keeps objects as files. */
export const s3: Server = {
  async install() {
    await installGoProgram(VERSITYGW);
  },
  start: startS3,
};

async function startS3(): Promise<RunningService> {
  const command = await installGoProgram(VERSITYGW);
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    S3_ENDPOINT: `http://${address}`,
    S3_ACCESS_KEY: randomBytes(10).toString("hex"),
    S3_SECRET_KEY: randomBytes(20).toString("hex"),
    S3_BUCKET: BUCKET,
    S3_REGION: REGION,
  };
  const client = new AwsClient({
    accessKeyId: env.S3_ACCESS_KEY,
    secretAccessKey: env.S3_SECRET_KEY,
    service: "s3",
    region: REGION,
    retries: 0,
  });
  return await startService({
    name: "s3",
    version: `versitygw ${VERSION}`,
    address,
    env,
    async process(dataFolder) {
      const buckets = path.join(dataFolder, "buckets");
      await mkdir(buckets);
      return {
        command,
        args: [...ARGUMENTS, "--port", address, "--region", REGION, "posix", buckets],
        env: { ROOT_ACCESS_KEY: env.S3_ACCESS_KEY, ROOT_SECRET_KEY: env.S3_SECRET_KEY },
        probe: () => makeBucket(client, env.S3_ENDPOINT),
      };
    },
  });
}

async function makeBucket(client: AwsClient, endpoint: string): Promise<void> {
  const response = await client.fetch(`${endpoint}/${BUCKET}`, { method: "PUT" });
  if (!response.ok && response.status !== ALREADY_MADE) {
    throw new Error(`the bucket was refused with ${response.status}`);
  }
}
