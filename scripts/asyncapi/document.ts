import type * as v from "valibot";
import { DEFAULT_TOPICS } from "../../bridge/kafka/topics.ts";
import { chatMessageSchema, svcTypingSchema } from "../../core/chat/chat-svc.ts";
import { NGOMNA_CLIENT_EVENTS } from "../../core/chat/ngomna-events.ts";
import { NGOMNA_SERVER_EVENTS, SVC_SERVER_EVENTS } from "../../core/chat/server-events.ts";
import {
  deadLetterSchema,
  KAFKA_VALUES,
  kafkaHeadersSchema,
} from "../../core/bridging/kafka-values.ts";
import { quoteRecordSchema } from "../../core/bridging/quote-event.ts";
import { noticeRecordSchema } from "../../core/bridging/user-notice.ts";
import { clientFrameSchema } from "../../protocol/client-frames.ts";
import { serverFrameSchema } from "../../protocol/server-frames.ts";
import { TOPICS } from "../../migrations/kafka/topics.ts";
import { jsonSchema, type Json } from "./json-schema.ts";
import {
  entryFrameSchema,
  joinRoomSchema,
  newsFrameSchema,
  notificationFrameSchema,
} from "./extra-schemas.ts";

/** One side of a channel: what goes one way over it, by name. */
type Messages = Record<string, Json>;

interface Channel {
  address: string;
  server: "edge" | "kafka";
  title: string;
  description: string;
  /** What Parley sends, and what it receives. */
  sends: Messages;
  receives: Messages;
  more?: Json;
}

const IN_CONVERSATION = {
  type: "object",
  required: ["conversationId"],
  properties: { conversationId: { type: "string" } },
};

/** A hello and what answers it. */
const MARKED: ReadonlySet<unknown> = new Set(["hello", "welcome", "error"]);
const WITH_REF = {
  type: "object",
  properties: { ref: { type: "string", description: "The client's mark on a hello, repeated" } },
};

/** Of frames: named by their `type`. */
function frames(schemas: readonly FrameSchema[]): Messages {
  return Object.fromEntries(
    schemas.map((schema) => [schema.entries.type.literal, { payload: jsonSchema(schema) }]),
  );
}

/** The same frames as on the socket of one conversation, each with its conversation's id. */
function addressed(schemas: readonly FrameSchema[], way: "sent" | "received"): Messages {
  return Object.fromEntries(
    schemas.map(({ entries }) => {
      const name = entries.type.literal;
      const same = { $ref: `#/channels/conversation/messages/${way}.${name}/payload` };
      const mark = MARKED.has(name) ? [WITH_REF] : [];
      return [name, { payload: { allOf: [IN_CONVERSATION, ...mark, same] } }];
    }),
  );
}

type FrameSchema = v.GenericSchema & { entries: { type: { literal: string } } };

/** Of Socket.IO events: named by the event, with the payload that is its one argument. */
function events(schemas: Readonly<Record<string, v.GenericSchema>>): Messages {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, { payload: jsonSchema(schema) }]),
  );
}

function written(isHere: (type: string) => boolean): Messages {
  const types = Object.entries(KAFKA_VALUES).filter(([type]) => isHere(type));
  return Object.fromEntries(
    types.map(([type, value]) => [
      type,
      { headers: HEADERS, payload: jsonSchema(value), ...KEYED },
    ]),
  );
}

const HEADERS = jsonSchema(kafkaHeadersSchema);
const KEY = { type: "string", description: "The conversation's id: a partition holds it in order" };
const KEYED = { bindings: { kafka: { key: KEY } } };
const TRACED = {
  type: "object",
  properties: {
    traceparent: { type: "string", description: "W3C trace context; also as ce_traceparent" },
  },
};

const SOCKET_IO =
  "Engine.IO 4 and Socket.IO 5, namespace /, polling and WebSocket. A message is an event: its name here is the " +
  "event's name, its payload the event's one argument. Every event of a client takes a callback, which gets the fields " +
  "of the success event with `success: true`, or `{success: false, code, message}`.";

const CHANNELS: Readonly<Record<string, Channel>> = {
  conversation: {
    address: "/conversations/{conversationId}/socket",
    server: "edge",
    title: "One conversation, native",
    description: "A text holds one frame or an array of frames. Rules: docs/protocol.md.",
    sends: frames(serverFrameSchema.options),
    receives: frames(clientFrameSchema.options),
    more: {
      parameters: { conversationId: { description: "A group's id, or that of a pair" } },
    },
  },
  conversations: {
    address: "/socket",
    server: "edge",
    title: "Many conversations, native",
    description:
      "The frames of one conversation, each with its conversationId. Rules MUX-1 to MUX-6.",
    sends: {
      ...addressed(serverFrameSchema.options, "sent"),
      news: { payload: { allOf: [IN_CONVERSATION, jsonSchema(newsFrameSchema)] } },
      entry: { payload: { allOf: [IN_CONVERSATION, jsonSchema(entryFrameSchema)] } },
      ...frames([notificationFrameSchema]),
      // about a frame whose conversation could not be read, or about the whole connection
      ...frames(serverFrameSchema.options.filter(isOfConnection)),
    },
    receives: addressed(clientFrameSchema.options, "received"),
  },
  ngomna: {
    address: "/socket.io/",
    server: "edge",
    title: "Socket.IO, nGomna's dialect",
    description: SOCKET_IO,
    sends: events(NGOMNA_SERVER_EVENTS),
    receives: events(NGOMNA_CLIENT_EVENTS),
  },
  chatSvc: {
    address: "/socket.io/?dialect=chat-svc",
    server: "edge",
    title: "Socket.IO, chat-svc's dialect",
    description:
      `${SOCKET_IO} A connection speaks it by the query, or from its first joinRoom or chatMessage on; signing in is as ` +
      "in the other dialect.",
    sends: events(SVC_SERVER_EVENTS),
    receives: events({
      joinRoom: joinRoomSchema,
      chatMessage: chatMessageSchema,
      typing: svcTypingSchema,
      stopTyping: svcTypingSchema,
    }),
  },
  messages: topic("messages", "Messages, edits, deletions and reactions.", {
    sends: written((type) => type.startsWith("parley.message.")),
  }),
  events: topic("events", "What else happens in conversations, and receipts.", {
    sends: written((type) => !type.startsWith("parley.message.")),
  }),
  deadLetter: topic(
    "deadLetter",
    "What the brokers refused for good, and inbound records that could not be applied, as they were: then the value " +
      "is the record's own. The headers parley-reason, parley-topic, parley-partition and parley-offset say why and where.",
    { sends: { refused: { payload: jsonSchema(deadLetterSchema) } } },
  ),
  quoteEvents: topic(
    "quoteEvents",
    "Accepted quotes; other kinds are skipped. Rules ING-1 to ING-3.",
    {
      receives: { quote: { headers: TRACED, payload: jsonSchema(quoteRecordSchema) } },
    },
  ),
  notifications: topic("notifications", "What users are told beside conversations. Rule ING-4.", {
    receives: { notice: { headers: TRACED, payload: jsonSchema(noticeRecordSchema) } },
  }),
};

function isOfConnection({ entries: { type } }: FrameSchema): boolean {
  return type.literal === "error" || type.literal === "bye";
}

function topic(
  holds: (typeof TOPICS)[number]["holds"],
  description: string,
  { sends = {}, receives = {} }: Partial<Pick<Channel, "sends" | "receives">>,
): Channel {
  const partitions = TOPICS.find((made) => made.holds === holds)?.partitions ?? 1;
  const address = DEFAULT_TOPICS[holds];
  const more = { bindings: { kafka: { topic: address, partitions } } };
  return { address, server: "kafka", title: address, description, sends, receives, more };
}

/** AsyncAPI 3.0 of everything that is not REST, from the schemas of the code. */
export function asyncApi(version: string): Json {
  const channels = Object.entries(CHANNELS);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Parley",
      version,
      license: { name: "MIT" },
      description:
        "Sockets of clients and topics of an organisation. Parley sends what is marked `send`. REST is in /openapi.json.",
    },
    defaultContentType: "application/json",
    servers: {
      edge: { host: "chat.example.org", protocol: "wss", description: "The deployment's worker" },
      kafka: { host: "kafka.example.org:9092", protocol: "kafka", description: "KAFKA_BROKERS" },
    },
    channels: Object.fromEntries(channels.map(([name, channel]) => [name, channelOf(channel)])),
    operations: Object.fromEntries(
      channels.flatMap(([name, { sends, receives }]) => [
        ...operationOf(name, "send", sends, "sent"),
        ...operationOf(name, "receive", receives, "received"),
      ]),
    ),
  };
}

function channelOf({ address, server, title, description, sends, receives, more }: Channel): Json {
  return {
    address,
    title,
    description,
    servers: [{ $ref: `#/servers/${server}` }],
    messages: { ...named("sent", sends), ...named("received", receives) },
    ...more,
  };
}

/** Both ways may have a message of one name; the channel tells them apart by the way. */
function named(way: "sent" | "received", messages: Messages): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([name, message]) => [`${way}.${name}`, { name, ...message }]),
  );
}

function operationOf(
  channel: string,
  action: "send" | "receive",
  messages: Messages,
  way: "sent" | "received",
): [string, Json][] {
  const refs = Object.keys(messages).map((name) => ({
    $ref: `#/channels/${channel}/messages/${way}.${name}`,
  }));
  if (refs.length === 0) return [];
  const operation = { action, channel: { $ref: `#/channels/${channel}` }, messages: refs };
  return [[`${channel}.${action}`, operation]];
}
