import { Kafka, logLevel, type SASLOptions } from "kafkajs";
import type { KafkaConnection, SaslLogin } from "./kafka-connection.ts";
import type { Log } from "../log.ts";

/** kafkajs waits 1 s for a connection, less than a broker behind a VPN may take; ms. */
const CONNECTION_TIMEOUT_MS = 5_000;
/**
 * Tries inside kafkajs, enough for a change of leader. Its default for an idempotent producer is to try for ever; then a
 * broker outage would neither show in `/health` nor end when the bridge is told to stop. Who uses the client tries on.
 */
export const RETRIES = 5;

export function createKafka({ brokers, clientId, ssl, sasl }: KafkaConnection, log: Log): Kafka {
  return new Kafka({
    clientId,
    brokers,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    retry: { retries: RETRIES },
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
    // Below errors kafkajs warns that limited retries weaken idempotence; KafkaSink's #discard is the answer to that.
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => log.warn("kafka.client", { reason: entry.log.message }),
  });
}

/** The library's type wants one literal mechanism at a time. */
function saslOptions({ mechanism, username, password }: SaslLogin): SASLOptions {
  const login = { username, password };
  switch (mechanism) {
    case "plain":
      return { mechanism, ...login };
    case "scram-sha-256":
      return { mechanism, ...login };
    case "scram-sha-512":
      return { mechanism, ...login };
  }
}
