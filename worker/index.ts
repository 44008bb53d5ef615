import { app } from "./app.ts";

export { Conversation } from "../durable-objects/conversation.ts";
export { Inbox } from "../durable-objects/inbox.ts";
export { Outbox } from "../durable-objects/outbox.ts";

export default { fetch: app.fetch };
