import log from "../../../migrations/conversation/0001_log.sql";
import changes from "../../../migrations/conversation/0002_changes.sql";
import files from "../../../migrations/conversation/0003_files.sql";
import trace from "../../../migrations/conversation/0004_trace.sql";
import admission from "../../../migrations/conversation/0005_admission.sql";
import moderation from "../../../migrations/conversation/0006_moderation.sql";
import uploadKey from "../../../migrations/conversation/0007_upload_key.sql";
import visibility from "../../../migrations/conversation/0008_visibility.sql";
import blocks from "../../../migrations/conversation/0009_blocks.sql";
import keptMute from "../../../migrations/conversation/0010_kept_mute.sql";
import type { SchemaStep } from "../../storage/schema.ts";

/** What a conversation's database has been through, in this order. */
export const CONVERSATION_SCHEMA: readonly SchemaStep[] = [
  { id: "0001_log", sql: log },
  { id: "0002_changes", sql: changes },
  { id: "0003_files", sql: files },
  { id: "0004_trace", sql: trace },
  { id: "0005_admission", sql: admission },
  { id: "0006_moderation", sql: moderation },
  { id: "0007_upload_key", sql: uploadKey },
  { id: "0008_visibility", sql: visibility },
  { id: "0009_blocks", sql: blocks },
  { id: "0010_kept_mute", sql: keptMute },
];
