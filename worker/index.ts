import { app } from "./app.ts";

export { Broadcast } from "../durable-objects/broadcast/broadcast.ts";
export { Conversation } from "../durable-objects/conversation.ts";
export { Gateway } from "../durable-objects/gateway/gateway.ts";
export { Inbox } from "../durable-objects/inbox.ts";
export { Outbox } from "../durable-objects/outbox.ts";

export default { fetch: app.fetch };
