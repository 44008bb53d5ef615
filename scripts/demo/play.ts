import type { Scene } from "./dialogue.ts";
import { Viewer, type Person } from "./person.ts";

/** A conversation that was held, with everybody who watched it. */
export interface Played {
  title: string;
  conversationId: string;
  messages: number;
  cuts: number;
  viewers: Viewer[];
}

/** Opens the scene's conversation and plays it to its end; `tell` takes one line for each thing that happens. */
export async function play(
  scene: Scene,
  cast: ReadonlyMap<string, Person>,
  tell: (line: string) => void,
): Promise<Played> {
  const people = scene.people.map((name) => member(cast, name));
  const conversationId = await found(scene, people);
  const viewers = new Map(
    people.map((person) => [person.name, new Viewer(person, conversationId)]),
  );
  let messages = 0;
  let cuts = 0;
  for (const step of scene.steps) {
    const viewer = viewers.get(step.who);
    if (viewer === undefined) throw new Error(`${step.who} is not in ${scene.title}`);
    if (step.type === "cut") {
      viewer.person.cut();
      cuts++;
      tell(`      ✂ ${step.who} is cut off`);
      continue;
    }
    // the ack of one line comes before the next line: people listen to each other
    const { seq } = await viewer.session.send({ content: step.text });
    messages++;
    tell(`${String(seq).padStart(5)} ${step.who}: ${step.text.replaceAll("\n", "\n        ")}`);
  }
  await Promise.all([...viewers.values()].map((viewer) => viewer.hasSeen(messages)));
  return { title: scene.title, conversationId, messages, cuts, viewers: [...viewers.values()] };
}

async function found(scene: Scene, [founder, ...others]: Person[]): Promise<string> {
  const [other] = others;
  if (founder === undefined || other === undefined)
    throw new Error(`${scene.title} needs two people`);
  const founded =
    scene.type === "direct"
      ? await founder.client.rest.createDirect(other.userId)
      : await founder.client.rest.createGroup(
          scene.title,
          others.map(({ userId }) => userId),
        );
  return founded.conversationId;
}

function member(cast: ReadonlyMap<string, Person>, name: string): Person {
  const person = cast.get(name);
  if (person === undefined) throw new Error(`${name} has no account`);
  return person;
}
