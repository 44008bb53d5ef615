import * as v from "valibot";

const signInSchema = v.object({
  accessToken: v.string(),
  user: v.object({ userId: v.string() }),
});
const dataSchema = v.object({ data: v.record(v.string(), v.unknown()) });

/** Values of path parameters that name something which is there, by the parameter's name. */
export type Named = Readonly<Record<string, string>>;

/** Somebody with a token, and what it takes to reach the far ends of the routes. */
export class FuzzWorld {
  readonly token: string;
  readonly #url: string;
  readonly #other: string;

  private constructor(url: string, people: readonly v.InferOutput<typeof signInSchema>[]) {
    const [me, other] = people;
    if (me === undefined || other === undefined) throw new Error("two people are needed");
    this.#url = url;
    this.token = me.accessToken;
    this.#other = other.user.userId;
  }

  static async make(url: string): Promise<FuzzWorld> {
    return new FuzzWorld(url, [await register(url, "Ada"), await register(url, "Bob")]);
  }

  /** A group of both with a message, an invitation and a file: for one operation alone, which may ruin it. */
  async things(): Promise<Named> {
    const founding = { name: "Team", participantIds: [this.#other] };
    const conversationId = await this.#make("/conversations/group", founding, "conversationId");
    const invites = `/conversations/${conversationId}/invites`;
    const file = { conversationId, fileName: "notes.txt", size: 5 };
    return {
      conversationId,
      messageId: await this.#make("/messages", { conversationId, content: "hi" }, "messageId"),
      inviteId: await this.#make(invites, {}, "inviteId"),
      token: await this.#make(invites, {}, "token"),
      fileId: await this.#make("/files/presign", file, "fileId"),
      userId: this.#other,
      emoji: "👍",
    };
  }

  /** Answers one field of what was made. */
  async #make(path: string, body: object, field: string): Promise<string> {
    const { data } = v.parse(dataSchema, await post(this.#url, path, body, this.token));
    return String(data[field]);
  }
}

async function register(url: string, name: string) {
  const matricule = `m-${crypto.randomUUID()}`;
  const body = { matricule, password: "correct horse battery", name };
  return v.parse(signInSchema, await post(url, "/auth/register", body));
}

async function post(url: string, path: string, body: object, token?: string): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
