/**
 * What is wrong with a far end, by the names that health, metrics and logs use. None of them is final: whatever it is,
 * it is tried again, and nothing is dropped meanwhile.
 */
export const FAULTS = [
  /** Nobody answers at the address: down, or the network is. */
  "unreachable",
  /** It answers, and refuses the credentials or what they may do. */
  "unauthorized",
  /** It takes longer than it may. */
  "slow",
  /** Its disk is full, or takes no writes for another reason: Kafka has one code for both. */
  "full",
  /** It is there, but asks for patience: an election, a rebalance, too much load. */
  "unsettled",
  /** Another bridge changes the same documents. */
  "overtaken",
  "failing",
] as const;
export type Fault = (typeof FAULTS)[number];

/** Names, codes and types that errors of kafkajs, the MongoDB driver, fetch and the file system carry. */
const SIGNS: readonly (readonly [Fault, ReadonlySet<unknown>])[] = [
  [
    "unauthorized",
    new Set<unknown>([
      "KafkaJSSASLAuthenticationError",
      "SASL_AUTHENTICATION_FAILED",
      "TOPIC_AUTHORIZATION_FAILED",
      "CLUSTER_AUTHORIZATION_FAILED",
      "GROUP_AUTHORIZATION_FAILED",
      "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
      13, // MongoDB: Unauthorized
      18, // MongoDB: AuthenticationFailed
      8000, // MongoDB Atlas: bad auth
      "EACCES",
      "UNAUTHORIZED",
    ]),
  ],
  ["full", new Set<unknown>(["KAFKA_STORAGE_ERROR", 14_031, "ENOSPC", "EDQUOT"])],
  [
    "slow",
    new Set<unknown>([
      "KafkaJSRequestTimeoutError",
      "REQUEST_TIMED_OUT",
      "MongoNetworkTimeoutError",
      "MongoOperationTimeoutError",
      50, // MongoDB: MaxTimeMSExpired
      "TimeoutError",
    ]),
  ],
  [
    "unsettled",
    new Set<unknown>([
      "NOT_LEADER_FOR_PARTITION",
      "LEADER_NOT_AVAILABLE",
      "NOT_ENOUGH_REPLICAS",
      "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
      "COORDINATOR_LOAD_IN_PROGRESS",
      "NOT_COORDINATOR_FOR_GROUP",
      "REBALANCE_IN_PROGRESS",
      "UNKNOWN_TOPIC_OR_PARTITION",
      "KafkaJSGroupCoordinatorNotFound",
      189, // MongoDB: PrimarySteppedDown
      10_107, // MongoDB: NotWritablePrimary
      11_600, // MongoDB: InterruptedAtShutdown
      91, // MongoDB: ShutdownInProgress
    ]),
  ],
  // 11000 is MongoDB's DuplicateKey: two upserts of one document at once
  ["overtaken", new Set<unknown>(["OvertakenError", 11_000])],
  [
    "unreachable",
    new Set<unknown>([
      "KafkaJSConnectionError",
      "KafkaJSConnectionClosedError",
      "KafkaJSNoBrokerAvailableError",
      "KafkaJSBrokerNotFound",
      "MongoServerSelectionError",
      "MongoNetworkError",
      "MongoTopologyClosedError",
      "ECONNREFUSED",
      "ECONNRESET",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ETIMEDOUT",
      "EPIPE",
    ]),
  ],
];

/** Names the fault behind an error, looking through what wraps it. */
export function faultOf(error: unknown): Fault {
  const signs = new Set(signsOf(error, DEPTH));
  return SIGNS.find(([, known]) => !known.isDisjointFrom(signs))?.[0] ?? "failing";
}

/**
 * MongoDB and FerretDB have no code for a write that found the disk full: it comes under one for whatever they do not
 * know, with the words of the system or of SQLite. Words count under these codes alone, for this name alone.
 */
const CODES_FOR_ANYTHING: ReadonlySet<unknown> = new Set([
  1, // InternalError
  8, // UnknownError
]);
const WORDS_FOR_FULL = /no space left on device|database or disk is full/i;

/** Wrappers in wrappers; an error may even be its own cause. */
const DEPTH = 6;

function signsOf(error: unknown, depth: number): unknown[] {
  if (!(error instanceof Error) || depth === 0) return [];
  const own = ["code", "type"].map((field): unknown => Reflect.get(error, field));
  if (own.some((sign) => CODES_FOR_ANYTHING.has(sign)) && WORDS_FOR_FULL.test(error.message)) {
    own.push("ENOSPC");
  }
  const within: unknown = Reflect.get(error, "errors");
  // a bulk write of the MongoDB driver keeps what it failed of as its `errorResponse`
  const response: unknown = Reflect.get(error, "errorResponse");
  const others: unknown[] = [error.cause, response, ...(Array.isArray(within) ? within : [])];
  return [error.name, ...own, ...others.flatMap((other) => signsOf(other, depth - 1))];
}
