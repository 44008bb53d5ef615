import type { BridgeConfig, SinkConfig } from "../config.ts";
import { EmbeddedSink } from "./embedded-sink.ts";
import { KafkaSink } from "../kafka/kafka-sink.ts";
import type { Log } from "../log.ts";
import { MongoSink } from "../mongo/mongo-sink.ts";
import type { Sink } from "./sink.ts";
import type { Spans } from "../spans/spans.ts";
import type { Topics } from "../kafka/topics.ts";
import { SteadySink } from "./steady-sink.ts";

export function createSinks(
  config: BridgeConfig,
  log: Log,
  random: () => number,
  spans: Spans,
): SteadySink[] {
  return config.sinks.map(
    (sink) => new SteadySink(createSink(sink, config.topics, log), log, random, spans),
  );
}

export function createSink(config: SinkConfig, topics: Topics, log: Log): Sink {
  switch (config.type) {
    case "kafka":
      return new KafkaSink({ ...config, topics }, log);
    case "mongodb":
      return new MongoSink(config, log);
    case "embedded":
      return new EmbeddedSink(config.folder, topics);
  }
}
