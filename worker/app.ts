import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { errorText, logEvent } from "../edge/log.ts";
import { refusal } from "../protocol/error-codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import { problem } from "./answers/answer.ts";
import { ROUTES } from "./api/route-table.ts";
import { mount } from "./api/route.ts";
import { publicKeys } from "../edge/auth/keys.ts";
import { KeySetUnavailableError } from "../edge/auth/outside-key-set.ts";
import { ConfigError, configOf } from "../edge/config.ts";
import { UnavailableError } from "../edge/calls/object-call.ts";
import type { App } from "./hono.ts";
import { RefusedError } from "../edge/refused-error.ts";
import { chatSvcFiles } from "./routes/chat-svc-files.ts";
import { fileBytes } from "./routes/file-bytes.ts";
import { health } from "./routes/health.ts";
import { internalIngest } from "./routes/internal-ingest.ts";
import { internalLogs } from "./routes/internal-logs.ts";
import { internalOutbox } from "./routes/internal-outbox.ts";
import { reference } from "./routes/reference.ts";
import { openMultiplexSocket, serveSocketIo } from "./sockets/gateway-doors.ts";
import { openConversationSocket } from "./sockets/socket-door.ts";

const RETRY_AFTER_MS = 1_000;
const CORS_MAX_AGE_S = 600;

/** The edge's REST surface and its doors to the objects. Whatever a route throws becomes one problem answer here. */
export const app = new Hono<App>()
  .use(async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    c.header("x-request-id", c.var.requestId);
    c.set("config", configOf(c.env));
    await next();
  })
  .use(
    cors({
      origin: (origin, c: Context<App>) =>
        c.var.config.CORS_ORIGINS.includes(origin) ? origin : null,
      allowHeaders: [
        "authorization",
        "content-type",
        "idempotency-key",
        "if-none-match",
        "traceparent",
      ],
      exposeHeaders: [
        "content-disposition",
        "content-range",
        "etag",
        "retry-after",
        "x-request-id",
        "x-synced-at",
      ],
      credentials: true,
      maxAge: CORS_MAX_AGE_S,
    }),
  )
  // before the limit of bodies: files have their own, and so has Socket.IO
  .route("/files", fileBytes)
  .route("/", chatSvcFiles)
  .all("/socket.io/", serveSocketIo)
  .get("/socket", openMultiplexSocket)
  .use(bodyLimit({ maxSize: LIMITS.bodyBytes, onError: tooLarge }))
  .route("/health", health)
  .route("/internal/outbox", internalOutbox)
  .route("/internal/ingest", internalIngest)
  .route("/internal/logs", internalLogs)
  .route("/", reference)
  .get("/.well-known/jwks.json", (c) => {
    const { issuer } = c.var.config;
    return c.json({ keys: issuer.type === "own" ? publicKeys(issuer.keys) : [] });
  })
  .notFound((c) => problem(c, refusal("NOT_FOUND", "no such route")))
  .onError(failed);

app.get("/conversations/:conversationId/socket", (c) =>
  openConversationSocket(c, c.req.param("conversationId")),
);
mount(app, ROUTES);

function tooLarge(c: Context): Response {
  return problem(c, refusal("TOO_LARGE", `a body is at most ${LIMITS.bodyBytes} bytes`));
}

function failed(error: Error, c: Context<App>): Response {
  if (error instanceof RefusedError) return problem(c, error.refusal);
  logEvent("request_failed", {
    requestId: c.var.requestId,
    path: c.req.path,
    error: errorText(error),
  });
  if (error instanceof ConfigError) return problem(c, refusal("UNAVAILABLE", error.message));
  if (error instanceof UnavailableError || error instanceof KeySetUnavailableError) {
    return problem(c, {
      ...refusal("UNAVAILABLE", "try again in a moment"),
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  return problem(c, refusal("INTERNAL", "something went wrong here"));
}
