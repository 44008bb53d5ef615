import type { WelcomeFrame } from "../../protocol/server-frames.ts";
import { DEFAULT_SETTINGS } from "../../protocol/settings.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";

/** A welcome into an empty group. */
export function welcomeFrame(changed: Partial<WelcomeFrame> = {}): WelcomeFrame {
  return {
    type: "welcome",
    version: PROTOCOL_VERSION,
    conversationId: "team-1",
    epoch: "e1",
    sessionId: "s1",
    userId: "me",
    head: 0,
    from: 0,
    conversation: {
      type: "group",
      name: "Team",
      avatarFileId: null,
      createdAt: 0,
      settings: DEFAULT_SETTINGS,
      members: [],
      memberCount: 0,
    },
    me: { role: "member", delivered: 0, read: 0, unread: 0, mentions: 0 },
    receipts: [],
    online: { userIds: [], count: 0 },
    fates: [],
    reconnectSlotMs: 0,
    ...changed,
  };
}
