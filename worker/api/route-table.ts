import { accounts } from "../routes/accounts.ts";
import { admin } from "../routes/admin.ts";
import { authUserService } from "../routes/auth-user-service.ts";
import { broadcasts } from "../routes/broadcasts.ts";
import { chatSvcMessages } from "../routes/chat-svc-messages.ts";
import { conversationList } from "../routes/conversation-list.ts";
import { conversations } from "../routes/conversations.ts";
import { files } from "../routes/files.ts";
import { invites } from "../routes/invites.ts";
import { joinRequests } from "../routes/join-requests.ts";
import { members } from "../routes/members.ts";
import { messageHistory } from "../routes/message-history.ts";
import { messageReactions } from "../routes/message-reactions.ts";
import { messageReceipts } from "../routes/message-receipts.ts";
import { messages } from "../routes/messages.ts";
import { moderation } from "../routes/moderation.ts";
import { notifications } from "../routes/notifications.ts";
import { ownAccount } from "../routes/own-account.ts";
import { presence } from "../routes/presence.ts";
import { reports } from "../routes/reports.ts";
import { suspensions } from "../routes/suspensions.ts";
import { users } from "../routes/users.ts";
import { BYTE_CONTRACTS } from "./byte-contracts.ts";
import type { ByteContract, Contract } from "./contract.ts";
import { DEPLOYMENT_CONTRACTS } from "./deployment-contracts.ts";
import type { Route } from "./route.ts";

/** Every route that is served by its contract. */
export const ROUTES: readonly Route[] = [
  ...accounts,
  ...ownAccount,
  ...authUserService,
  ...users,
  ...presence,
  ...notifications,
  ...conversationList,
  ...conversations,
  ...members,
  ...invites,
  ...joinRequests,
  ...messages,
  ...messageHistory,
  ...messageReceipts,
  ...messageReactions,
  ...chatSvcMessages,
  ...files,
  ...broadcasts,
  ...reports,
  ...moderation,
  ...admin,
  ...suspensions,
];

/** Everything that /openapi.json describes. */
export const CONTRACTS: readonly (Contract | ByteContract)[] = [
  ...ROUTES.map(({ contract }) => contract),
  ...BYTE_CONTRACTS,
  ...DEPLOYMENT_CONTRACTS,
];
