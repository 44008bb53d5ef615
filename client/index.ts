export { ParleyClient, type ParleyOptions } from "./parley-client.ts";
export type { ConversationSession, SessionEvents, Stored } from "./conversation-session.ts";
export type { ListFeed, ListFeedEvents } from "./list-feed.ts";
export type { ConnectionState } from "./connection-state.ts";
export {
  BadAnswerError,
  CancelledError,
  LogReplacedError,
  NetworkError,
  ParleyError,
  QueueFullError,
  QuotaFullError,
  RefusedError,
  SessionClosedError,
  SlowConsumerError,
} from "./errors.ts";
export { TYPING_MS } from "./typing.ts";
export { MessageTimeline, type TimelineEntry, type TimelineMessage } from "./message-timeline.ts";
export type { ChangeInput, MessageInput } from "./outgoing-send.ts";
export type {
  ConversationPage,
  ConversationSummary,
  History,
  Reaction,
  User,
  UserPage,
} from "./rest-answers.ts";
export type {
  Group,
  GroupChange,
  GroupMember,
  GroupMemberPage,
  Invitation,
  Invite,
  JoinRequest,
} from "./group-answers.ts";
export type { GroupClient, InviteTerms } from "./group-client.ts";
export { FILE_BYTES, type FileClient, type UploadOptions } from "./file-client.ts";
export { thumbnailUrl, type FileInfo } from "./file-answers.ts";
export type { Carry } from "./http.ts";
export type { Reported, SafetyClient } from "./safety-client.ts";
export type { HistoryQuery, Login, Registration, RestClient } from "./rest-client.ts";
export type { KeyValueStorage } from "./token-keeper.ts";
export type { MessageEvent, ReaderEvent } from "../protocol/event.ts";
export { ROLES, type Member, type Role } from "../protocol/member.ts";
export type { Settings, SettingsChange } from "../protocol/settings.ts";
export { isAtLeast, may, outranks, type Permission } from "../core/permissions.ts";
