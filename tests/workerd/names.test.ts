import { describe, expect, test } from "vitest";
import { api, PASSWORD, problem, refusalOf, register } from "./support/api.ts";
import { EdgePlace } from "./support/gateway-client.ts";
import { Issuer } from "./support/issuer.ts";
import { mintToken } from "./support/tokens.ts";

const fresh = () => `m-${crypto.randomUUID()}`;
const signUp = (matricule: string, name: string) =>
  api("POST", "/auth/register", { body: { matricule, password: PASSWORD, name } });
const founding = (name: string) => ({ name, participantIds: [] });

const HARMFUL = ["a\0b", "a\u001bb", "a\u202eb", "a\u2066b", "a\ud800b", "\u200b\u3164"];
const GOOD = ["محمد\u200f علي", "علی\u200cرضا", "ශ්\u200dරී", "👩\u200d👩\u200d👧"];

describe("[USR-1] a name that others would read wrongly is refused", () => {
  test.each(HARMFUL)("%j, of a person", async (name) => {
    const refused = await signUp(fresh(), name);
    expect(refusalOf(refused)).toEqual(problem(400, "INVALID_DATA"));
    expect(refused.body).toMatchObject({ errors: [{ field: "name" }] });
    const { accessToken: token } = await register();
    const renamed = await api("PATCH", "/auth/me", { token, body: { name } });
    expect(refusalOf(renamed)).toEqual(problem(400, "INVALID_DATA"));
  });

  test.each(HARMFUL)("%j, of a group or a list", async (name) => {
    const token = await mintToken(fresh());
    const ask = (method: string, path: string, body: object) => api(method, path, { token, body });
    const { data } = await ask("POST", "/conversations/group", founding("fine"));
    const path = `/conversations/${String(data["conversationId"])}`;
    const answers = await Promise.all([
      ask("POST", "/conversations/group", founding(name)),
      ask("PATCH", path, { name }),
      ask("POST", "/broadcasts", { name, recipientIds: ["somebody"] }),
    ]);
    for (const answer of answers) {
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
      expect(answer.body).toMatchObject({ errors: [{ field: "name" }] });
    }
    expect((await ask("PATCH", path, { name: "fine too" })).status).toBe(200);
  });

  test.each(GOOD)("%j is not", async (name) => {
    const answer = await signUp(fresh(), name);
    expect(answer).toMatchObject({ status: 201, body: { user: { name } } });
    const token = String(answer.body["accessToken"]);
    const group = await api("POST", "/conversations/group", { token, body: founding(name) });
    expect(group).toMatchObject({ status: 201, data: { name } });
  });
});

test.each(["SYSTEM_NOTIFICATION", "SYSTEM", "moderation", "System.Notification"])(
  "[USR-2] nobody can be %s",
  async (taken) => {
    for (const answer of [await signUp(taken, "Ada"), await signUp(fresh(), taken)]) {
      expect(refusalOf(answer)).toEqual(problem(400, "INVALID_DATA"));
    }
  },
);

test("[USR-3] another system's names are cleaned, and their owner is let in", async () => {
  const { deployment, sign } = new Issuer(crypto.randomUUID());
  const token = await sign({ sub: "u-7", name: "A\u202eda\0", matricule: "moderation" });
  expect((await api("GET", "/auth/me", { token, env: deployment })).body).toMatchObject({
    user: { userId: "u-7", name: "Ada", matricule: "user-moderation" },
  });
  const nameless = await sign({ sub: "u-8", name: "\u2066\u2069" });
  expect((await api("GET", "/auth/me", { token: nameless, env: deployment })).body).toMatchObject({
    user: { userId: "u-8", name: "u-8" },
  });
});

test("[USR-3] a payload may name the sender by the matricule as the token has it", async () => {
  const sub = fresh();
  const token = await mintToken(sub, { claims: { matricule: "moderation" } });
  const { data } = await api("POST", "/conversations/group", { token, body: founding("fine") });
  const say = (senderId: string) =>
    api("POST", "/messages", {
      token,
      body: { conversationId: data["conversationId"], senderId, content: "hello" },
    });
  expect((await say("moderation")).status).toBe(201);
  expect((await say("user-moderation")).status).toBe(201);
  expect(refusalOf(await say("system"))).toEqual(problem(401, "INVALID_TOKEN"));
});

test("[USR-3] a Socket.IO client signs in with the matricule as the token has it", async () => {
  const token = await mintToken(fresh(), { claims: { matricule: "SYSTEM" } });
  const client = await new EdgePlace().dial({});
  const signIn = (matricule: string) => client.ask("authenticate", { token, matricule });
  expect(await signIn("moderation")).toMatchObject({ success: false, code: "INVALID_TOKEN" });
  expect(await signIn("SYSTEM")).toMatchObject({ success: true, matricule: "user-SYSTEM" });
  client.close();
});
