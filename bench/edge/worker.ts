import type { ConversationRpc } from "../../edge/rpc/conversation-rpc.ts";
import type { Member } from "../../protocol/member.ts";
import type { Env } from "../../edge/env.ts";
import edge from "../../worker/index.ts";

export * from "../../worker/index.ts"; // every class of the real edge; a default export is never among them

type Person = Pick<Member, "userId" | "name">;

/** What a measurement asks of a conversation: what it has cost, and to take more members. */
type Asked = { ask: "usage" } | { ask: "addMembers"; actorId: string; people: Person[] };

/** The real edge, with one more door for what no client may ask; `place` names the data centre a client reached. */
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, door, conversationId = ""] = pathname.split("/");
    if (door !== "measured") return edge.fetch(from(searchParams.get("place"), request), env, ctx);
    // the bench gives ids that the edge has founded, and bodies of this type
    const asked = (await request.json()) as Asked;
    const conversation: ConversationRpc = env.CONVERSATION.getByName(conversationId);
    switch (asked.ask) {
      case "usage":
        return Response.json(await conversation.usage());
      case "addMembers": {
        const { actorId: userId, people } = asked;
        const change = { type: "addMembers" as const, people };
        const actor = { userId, authority: "member" as const };
        return Response.json(await conversation.change(actor, crypto.randomUUID(), change));
      }
    }
  },
} satisfies ExportedHandler<Env>;

function from(place: string | null, request: Request): Request {
  return place === null ? request : new Request(request, { cf: { colo: place } });
}
