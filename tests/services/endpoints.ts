import type { S3Settings } from "../../edge/files/s3-file-store.ts";
import type { ParleyWorkerd } from "../support/parley-workerd.ts";

/** Where `npm run test:services` has started the real servers. */
export function kafkaBrokers(): string[] {
  return required("KAFKA_BROKERS").split(",");
}

/** With the run's own database, or with another one. */
export function mongoUri(database?: string): string {
  const uri = required("MONGODB_URI");
  return database === undefined ? uri : uri.replace(/[^/]*$/, database);
}

/** What a bridge of this edge has to know of it and of the real servers, with a database of a test's own if one is named. */
export function bridgeEnv({ url, bridgeSecret }: ParleyWorkerd, database?: string) {
  return {
    EDGE_URL: url,
    BRIDGE_SECRET: bridgeSecret,
    KAFKA_BROKERS: kafkaBrokers().join(","),
    MONGODB_URI: mongoUri(database),
  };
}

export function s3Settings(): S3Settings {
  return {
    endpoint: required("S3_ENDPOINT"),
    bucket: required("S3_BUCKET"),
    region: required("S3_REGION"),
    accessKeyId: required("S3_ACCESS_KEY"),
    secretAccessKey: required("S3_SECRET_KEY"),
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: run this suite by npm run test:services`);
  }
  return value;
}
