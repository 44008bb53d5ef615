import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { Settings, SettingsChange } from "../../protocol/settings.ts";
import {
  TELL_STAFF,
  UNCHANGED,
  type ConversationReader,
  type Decision,
  type Profile,
} from "../conversation.ts";
import type { Actor } from "./change.ts";
import { pictureReplaced, refusePicture } from "./file-changes.ts";
import { isAllowed, NO_SUCH_CONVERSATION, NOT_YOURS } from "./write-rules.ts";

/** Name, picture and settings of a group. Moderators may lock it, and no more. Rule MEM-5. */
export function decideSettings(
  conversation: ConversationReader,
  actor: Actor,
  change: SettingsChange,
): Result<Decision, Refusal> {
  const { charter, profile } = conversation;
  const me = conversation.member(actor.userId);
  if (me === undefined && actor.authority === "member") return fail(NO_SUCH_CONVERSATION);
  const permission = isLockOnly(change) ? "lock" : "changeSettings";
  if (!isAllowed(me, actor, permission)) return fail(NOT_YOURS);
  if (charter.type === "direct" && !isLockOnly(change)) {
    return fail(refusal("FORBIDDEN", "a direct conversation has no settings"));
  }
  const changed = changedOnly(profile, change);
  if (Object.keys(changed).length === 0) return ok(UNCHANGED);
  const refused =
    typeof changed.avatarFileId === "string"
      ? refusePicture(conversation, me, changed.avatarFileId)
      : null;
  if (refused !== null) return fail(refused);
  const { name = profile.name, avatarFileId = profile.avatarFileId, ...settings } = changed;
  return ok({
    type: "append",
    event: { type: "settings", settings: changed },
    effects: [
      {
        type: "configure",
        profile: { name, avatarFileId, settings: { ...profile.settings, ...settings } },
      },
      ...(changed.locked === undefined ? [] : [TELL_STAFF]),
    ],
    further: changed.avatarFileId === undefined ? [] : pictureReplaced(conversation),
  });
}

function isLockOnly({ locked, ...others }: SettingsChange): boolean {
  return locked !== undefined && Object.keys(others).length === 0;
}

/** The fields that would really be different afterwards. */
function changedOnly(profile: Profile, change: SettingsChange): SettingsChange {
  const before: Settings & Omit<Profile, "settings"> = { ...profile.settings, ...profile };
  const entries = Object.entries(change).filter(
    ([field, value]) => value !== undefined && before[field as keyof SettingsChange] !== value,
  );
  return Object.fromEntries(entries);
}
