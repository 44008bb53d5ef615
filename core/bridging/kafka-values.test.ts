import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { kafkaRecords } from "../../bridge/kafka/kafka-record.ts";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { batchOf } from "../../tests/support/archive-events.ts";
import { ArchiveLog, deed } from "../../tests/support/archive-log.ts";
import { KAFKA_VALUES, kafkaHeadersSchema } from "./kafka-values.ts";

/** A schema by the type that a record names; one that nobody described is a failure. */
function schemaOf(type: string | undefined): v.GenericSchema {
  const found = Object.entries(KAFKA_VALUES).find(([name]) => name === type);
  if (found === undefined) throw new Error(`nobody has described ${type}`);
  return found[1];
}

test("whatever happens in a conversation, every record says what is described, and nothing else", () => {
  const seen = new Set<string>();
  const receipts = [{ userId: "bob", delivered: 3, deliveredAt: 5, read: 2, readAt: 4 }];
  const uploaded = {
    seq: 1,
    at: 1,
    type: "fileUploaded" as const,
    senderId: "ada",
    fileId: "team.f1",
    mimeType: "image/png",
    size: 7,
  };
  fc.assert(
    fc.property(fc.array(deed, { minLength: 10, maxLength: 40 }), (deeds) => {
      const log = new ArchiveLog("team", deeds);
      const batches = [log.read(0, log.head, log.head), batchOf("team", [uploaded], receipts)];
      for (const { headers, value } of kafkaRecords(DEFAULT_TOPICS, batches)) {
        const parsed: unknown = JSON.parse(value);
        // a schema drops what it does not name
        expect(v.parse(schemaOf(headers["ce_type"]), parsed)).toEqual(parsed);
        expect(v.parse(kafkaHeadersSchema, headers)).toEqual(headers);
        seen.add(headers["ce_type"] ?? "");
      }
    }),
  );
  expect([...seen].toSorted()).toEqual(Object.keys(KAFKA_VALUES).toSorted());
});
