/**
 * Every bound a peer can meet, in one place. docs/protocol.md repeats them, and docs.test.ts compares the two.
 * Sizes are UTF-8 bytes unless the name says otherwise.
 */
export const LIMITS = {
  /** One text frame from a client, checked before JSON.parse. Over it: `TOO_LARGE`, nothing is stored. Rule LIM-1. */
  clientFrameBytes: 262_144,
  /** Frames in one text from a client; a resend of a full queue after a cut fits in two. Rule LIM-2. */
  framesPerText: 512,
  /** Text of one message. Ten pages of prose; a row stays far below the 2 MB that SQLite storage takes. Rule LIM-3. */
  contentBytes: 32_768,
  /** `metadata` of one message, as JSON. Rule LIM-3. */
  metadataBytes: 8_192,
  /** Levels of `metadata`, itself the first: what the platform's calls can copy, and every client's parser takes. Rule LIM-3. */
  metadataDepth: 100,
  /** Characters of a client message id: a UUID with a prefix fits three times. Rule LIM-4. */
  clientMessageIdChars: 128,
  /** Mentions and attachments of one message. Rule LIM-3. */
  mentions: 100,
  attachments: 20,
  /** One reaction: the longest emoji sequences of Unicode 16 take 35 bytes. Rule CHG-4. */
  emojiBytes: 64,
  /** Different emojis on one message, so that reactions stay a line and not a page. Rule CHG-4. */
  emojisPerMessage: 50,
  /** Messages that one event erases; more are several events, each a turn of its own. Rule CHG-7. */
  erasedPerEvent: 500,
  /** Characters of a reason for a report: a paragraph. Rule MOD-1. */
  reportReasonChars: 1_000,
  /** Messages of one atomic batch: they share one transaction and leave as one group. Rule SND-5. */
  batchMessages: 100,
  /** Unacked keys a `hello` may ask about; the SDK's queue is bounded to the same number. Rule LIM-5. */
  pendingKeys: 1_000,
  /** One live frame of events. Texts near 1 MB are known to fail on the platform. Rule LIM-6. */
  serverFrameBytes: 900_000,
  /** Events in one page of a resume, and their length in UTF-16 units, each three bytes at most. Rule LIM-7. */
  pageEvents: 500,
  pageBytes: 262_144,
  /** Sends that one commit gathers; later ones wait for the next turn. Rule LIM-8. */
  groupSends: 1_024,
  /** Sent to one socket without a proof that it reads, in UTF-16 units, before it is cut. Rule LIM-9. */
  bufferedBytes: 1_048_576,
  /** Refused frames a session may send before it is closed. Rule LIM-10. */
  refusedFrames: 64,
  /** Frames of one session: a full queue of the SDK at once, then as many a second as a busy bot needs. Rule LIM-14. */
  sessionBurst: 1_024,
  sessionFramesPerSecond: 100,
  /** Frames refused for their rate, one after the other, before the session is closed with 4029. Rule LIM-14. */
  floodFrames: 256,
  /** Members named at founding. Rule LIM-11. */
  foundingMembers: 1_000,
  /** Members of one conversation; the platform's cap of sockets per object is 32,768. Rule LIM-11. */
  members: 10_000,
  /** Members that one event adds or removes; a longer list is several events. Rule LIM-11. */
  membersPerEvent: 100,
  /** Invitations of one group; of those that hold no more the oldest go first. Rule ADM-3. */
  invites: 100,
  /** Seconds for which an invitation holds: when nothing is said, and at most. Rule ADM-2. */
  inviteSeconds: 604_800,
  inviteSecondsMax: 31_536_000,
  /** Uses that one invitation can be given. Rule ADM-2. */
  inviteUses: 10_000,
  /** People who wait for an answer of one group. Rule ADM-4. */
  joinRequests: 500,
  /** People whom one user has blocked. Rule LIV-6. */
  blocks: 1_000,
  /** Characters of what somebody says when asking to join. Rule ADM-4. */
  joinNoteChars: 500,
  /** How long somebody who was refused waits before asking again, in seconds. Rule ADM-4. */
  refusedSeconds: 86_400,
  /** Above it receipts are told as counts, and presence as a number. Rule RCP-5. */
  smallConversation: 200,
  /** Newest own messages whose counts a sender is told in a large conversation. Rule RCP-5. */
  countedMessages: 64,
  /** Members that `welcome` and a conversation's view name; further ones are paged. Rule LIM-11. */
  namedMembers: 100,
  /** JSON body of one REST request. Rule LIM-12. */
  bodyBytes: 262_144,
  /** Messages in one REST page: what is given when nothing is asked, and the most. Rule LIM-13. */
  historyDefault: 50,
  historyMax: 200,
  /** Where counting unread messages stops: a reader shows "999+". Rule RCP-6. */
  unreadMax: 1_000,
  /** How long a reader shows somebody as typing after the last word of it. Ms. Rule LIV-3. */
  typingMs: 6_000,
  /** One file; the store's own bound for a single part. Rule FIL-1. */
  fileBytes: 5_368_709_120,
  /** Body of one upload through the worker; the platform lets no larger request in. Rule FIL-1. */
  formBytes: 104_857_600,
  /** Up to here a direct upload is one PUT; above it comes in parts that can be resumed. Rule FIL-2. */
  singlePutBytes: 104_857_600,
  /** Parts of a direct upload: the least size, and how many at most; larger files get larger parts. Rule FIL-2. */
  partBytes: 16_777_216,
  fileParts: 1_000,
  /** Bytes of all files one user has stored or is uploading, unless `FILE_QUOTA_BYTES` says otherwise. Rule FIL-3. */
  fileQuotaBytes: 10_737_418_240,
  /** A file's name after cleaning; the longest that common file systems take. Rule FIL-4. */
  fileNameBytes: 255,
  /** A text field beside the file of an upload, and how many of them. Rule FIL-1. */
  formFieldBytes: 65_536,
  formFields: 32,
  /** Longest side of a thumbnail, in pixels. Rule FIL-5. */
  thumbnailPixels: 1_024,
  /** Pixels of a picture that is decoded at all, by its header: 100 megapixels and 70 MB, what Cloudflare Images takes. Rule FIL-6. */
  imagePixels: 100_000_000,
  imageBytes: 70_000_000,
  /** The same inside the worker's own 128 MB, at 8 bytes a pixel: a 12 megapixel photograph. Rule FIL-6. */
  wasmImagePixels: 12_500_000,
  /** Bytes of such a picture. Rule FIL-6. */
  wasmImageBytes: 16_777_216,
  /** Bytes of a JPEG that is decoded smaller than it is: they are held twice, its pixels are not. Rule FIL-6. */
  wasmJpegBytes: 33_554_432,
  /** Life of a signed URL for reading, and for uploading, in seconds. Rule FIL-7. */
  fileUrlSeconds: 900,
  uploadUrlSeconds: 3_600,
  /** Files in one page of a conversation's list: what is given when nothing is asked, and the most. Rule FIL-8. */
  filesDefault: 50,
  filesMax: 200,
  /** How long the bytes of a deleted file are kept, in seconds, unless `FILE_GRACE_S` says otherwise. Rule FIL-9. */
  fileGraceSeconds: 604_800,
  /** How long an upload may stay unfinished, in seconds; the store itself forgets it after 7 days. Rule FIL-9. */
  uploadSeconds: 86_400,
  /** Messages that the deletion of a file marks, the newest that name it: what one commit does in a moment. Rule FIL-13. */
  fileTargets: 256,
  /** Connections of one Gateway; the next one goes to another Gateway of its place. Rule LIM-15. */
  gatewayConnections: 500,
  /** A notification's title and text. Rule NTF-1. */
  notificationTitleBytes: 1_024,
  notificationBodyBytes: 8_192,
  /** How many of the newest notifications a user's Inbox keeps. Rule NTF-1. */
  notificationsKept: 200,
  /** One Socket.IO packet, or one polling request, in bytes: what the reference server takes. Rule LIM-15. */
  socketIoPayloadBytes: 1_000_000,
  /** People a broadcast list sends to, as many as a group is founded with, and admins beside its owner. Rule BCT-1. */
  broadcastRecipients: 1_000,
  broadcastAdmins: 20,
  /** Recipients of one list who still wait for a message of it: ten messages to the longest list. Rule BCT-8. */
  broadcastPending: 10_000,
} as const;
