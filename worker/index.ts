import { app } from "./app.ts";

export { Broadcast } from "../durable-objects/broadcast/broadcast.ts";
export { Conversation } from "../durable-objects/conversation/conversation.ts";
export { Gateway } from "../durable-objects/gateway/gateway.ts";
export { Inbox } from "../durable-objects/inbox/inbox.ts";
export { Outbox } from "../durable-objects/outbox/outbox.ts";

export default { fetch: app.fetch };
