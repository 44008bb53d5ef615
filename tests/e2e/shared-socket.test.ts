import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { ConnectionState, ConversationSession } from "../../client/index.ts";
import { ParleyWorkerd } from "../support/parley-workerd.ts";
import { readLog } from "../support/read-log.ts";
import { SharedMember, type Seen } from "../support/shared-member.ts";

const WAIT = { timeout: 30_000 };

let parley: ParleyWorkerd;
beforeAll(async () => {
  parley = await ParleyWorkerd.start({ bridge: false });
});
afterAll(() => parley.stop());

async function signIn(userId: string, firstLifeS?: number): Promise<SharedMember> {
  const member = await SharedMember.signIn(parley, userId, firstLifeS);
  onTestFinished(() => member.close());
  return member;
}

/** Groups of these people. */
function groups(count: number, users: readonly string[]): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => parley.group(users)));
}

async function all(seen: readonly Seen[], state: ConnectionState): Promise<void> {
  const states = () => new Set(seen.map(({ session }) => session.state));
  await vi.waitUntil(() => states().size === 1 && states().has(state), WAIT);
}

function comesTo(session: ConversationSession, wanted: ConnectionState): Promise<void> {
  return new Promise((resolve) => {
    session.on("state", (state) => {
      if (state === wanted) resolve();
    });
  });
}

function range(to: number): number[] {
  return Array.from({ length: to }, (_, n) => n + 1);
}

/** Each conversation was shown as its log is, from the first event to the last, each once. */
async function showTheirLogs(seen: readonly Seen[], userId: string): Promise<void> {
  for (const { session, seqs, contents } of seen) {
    const log = await readLog(parley, session.conversationId, userId);
    await vi.waitUntil(() => seqs.length >= log.length, WAIT);
    expect(seqs).toEqual(range(log.length));
    expect(contents).toEqual(log.map(({ message }) => message.content));
  }
}

test("[MUX-1] 50 conversations on one socket, each with its own messages, also after a cut", async () => {
  const ids = await groups(50, ["ada", "bo"]);
  const [ada, bo] = [await signIn("ada"), await signIn("bo")];
  const [mine, yours] = [ids.map((id) => ada.open(id)), ids.map((id) => bo.open(id))];
  await all([...mine, ...yours], "live");
  await Promise.all(mine.map(({ session }, n) => session.send(`${n} from ada`)));
  bo.sockets.cut();
  await Promise.all(yours.map(({ session }, n) => session.send(`${n} from bo`)));
  ada.sockets.cut();
  await Promise.all(yours.map(({ session }, n) => session.send(`${n} while ada was away`)));
  await showTheirLogs(mine, "ada");
  await showTheirLogs(yours, "bo");
  expect(mine.map(({ contents }) => contents)).toEqual(
    range(50).map((n) => [`${n - 1} from ada`, `${n - 1} from bo`, `${n - 1} while ada was away`]),
  );
  for (const { sockets } of [ada, bo]) {
    expect([sockets.made, sockets.mostAtOnce]).toEqual([2, 1]);
  }
});

test("[MUX-3] a conversation that is refused, one that is locked and one that ends leave the others alone", async () => {
  const [foreign] = await groups(1, ["stranger"]);
  const [locked, ending, open] = await groups(3, ["owner", "guest"]);
  const guest = await signIn("guest");
  const [refused, inLocked, inEnding, inOpen] = [foreign, locked, ending, open].map((id) =>
    guest.open(id ?? ""),
  );
  if (!refused || !inLocked || !inEnding || !inOpen) throw new Error("four were opened");
  await all([refused], "closed");
  await all([inLocked, inEnding, inOpen], "live");
  expect(refused.errors).toEqual(["NOT_FOUND", "NOT_FOUND"]);
  await parley.rest("owner", "PATCH", `/conversations/${locked}`, { locked: true });
  await expect(inLocked.session.send("shut")).rejects.toMatchObject({ code: "LOCKED" });
  await parley.rest("owner", "DELETE", `/conversations/${ending}/members/guest`);
  await all([inEnding], "closed");
  expect(inEnding.errors).toEqual(["FORBIDDEN"]);
  await expect(inEnding.session.send("out")).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  expect(await inOpen.session.send("here")).toMatchObject({ seq: 1 });
  expect([inLocked.session.state, inOpen.session.state]).toEqual(["live", "live"]);
  expect([guest.sockets.made, guest.sockets.mostAtOnce]).toEqual([1, 1]);
});

test("[ORD-3] kill -9 of the runtime: each conversation goes on from its own cursor, and holds each message once", async () => {
  const ids = await groups(10, ["ada", "bo"]);
  const [ada, bo] = [await signIn("ada"), await signIn("bo")];
  const [mine, yours] = [ids.map((id) => ada.open(id)), ids.map((id) => bo.open(id))];
  await all([...mine, ...yours], "live");
  const write = (round: number) =>
    [...mine, ...yours].flatMap(({ session }, n) =>
      range(n % 5).map((each) => session.send(`${round} ${n} ${each}`)),
    );
  await Promise.all(write(1));
  const underWay = write(2);
  await parley.workerd.restart();
  const stored = await Promise.all([...underWay, ...write(3)]);
  expect(stored).toHaveLength(80);
  await showTheirLogs(mine, "ada");
  await showTheirLogs(yours, "bo");
  const contents = mine.flatMap((each) => each.contents);
  expect(new Set(contents).size).toBe(120);
  expect(contents).toHaveLength(120);
});

test("[CLS-2] a token that ends while many are open is renewed once, and all go on", async () => {
  const ids = await groups(20, ["ada", "bo"]);
  const [ada, bo] = [await signIn("ada", 2), await signIn("bo")];
  const mine = ids.map((id) => ada.open(id));
  const cut = mine.map(({ session }) => comesTo(session, "waiting"));
  await all(mine, "live");
  await Promise.all(cut);
  const yours = ids.map((id) => bo.open(id));
  await Promise.all(yours.map(({ session }) => session.send("while ada was away")));
  await all(mine, "live");
  await Promise.all(mine.map(({ session }) => session.send("back")));
  await showTheirLogs(mine, "ada");
  expect([ada.renewals, ada.sockets.made, ada.sockets.mostAtOnce]).toEqual([1, 2, 1]);
});

test("[LIM-14] more than the server takes at once floods it, and is stored once all the same", async () => {
  const text = { SESSION_BURST: "300", SESSION_FRAMES_PER_SECOND: "100" };
  const strict = await ParleyWorkerd.start({ bridge: false, text });
  onTestFinished(() => strict.stop());
  const ids = await Promise.all(range(3).map(() => strict.group(["ada"])));
  const ada = await SharedMember.signIn(strict, "ada");
  onTestFinished(() => ada.close());
  const seen = ids.map((id) => ada.open(id));
  await all(seen, "live");
  const floods: number[] = [];
  for (const { session } of seen) {
    session.on("state", (state) => {
      if (state !== "waiting") return;
      floods.push(ada.sockets.made);
      session.wake(); // instead of the pause that the server asks for
    });
  }
  const sent = range(400).map((n) => `message ${n}`);
  await Promise.all(seen.flatMap(({ session }) => sent.map((each) => session.send(each))));
  expect(floods.length).toBeGreaterThan(0);
  for (const { contents } of seen) {
    await vi.waitUntil(() => contents.length >= sent.length, WAIT);
    expect(contents.toSorted()).toEqual(sent.toSorted());
  }
});
