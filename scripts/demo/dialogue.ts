import { readFile } from "node:fs/promises";
import path from "node:path";

/** One conversation of the demo: who is in it, and what happens, in order. */
export interface Scene {
  type: "direct" | "group";
  title: string;
  people: string[];
  steps: Step[];
}

export type Step =
  | { type: "say"; who: string; text: string }
  /** The person's connection is cut; whoever speaks next does so while it is down. */
  | { type: "cut"; who: string };

const HEAD = /^== (direct|group)([^:]*): (.+)$/;
const CUT = /^~ (.+)$/;
const SAY = /^([^:]+): (.+)$/;

export async function readDialogue(): Promise<Scene[]> {
  const text = await readFile(path.join(import.meta.dirname, "dialogue.txt"), "utf8");
  return parseDialogue(text);
}

/** Throws with the number of a line that is none of the forms that the head of dialogue.txt explains. */
export function parseDialogue(text: string): Scene[] {
  const scenes: Scene[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const scene = sceneOf(line);
    if (scene !== null) {
      scenes.push(scene);
      continue;
    }
    const step = stepOf(line);
    const current = scenes.at(-1);
    if (step === null || current === undefined || !current.people.includes(step.who)) {
      throw new Error(`line ${index + 1} of the dialogue cannot be played: ${line}`);
    }
    current.steps.push(step);
  }
  return scenes;
}

function sceneOf(line: string): Scene | null {
  const [, type, title, names] = HEAD.exec(line) ?? [];
  if (names === undefined) return null;
  const people = names.split(", ");
  if (type === "group") return { type, title: title?.trim() ?? "", people, steps: [] };
  return { type: "direct", title: people.join(" and "), people, steps: [] };
}

function stepOf(line: string): Step | null {
  const cut = CUT.exec(line)?.[1];
  if (cut !== undefined) return { type: "cut", who: cut };
  const [, who, text] = SAY.exec(line) ?? [];
  if (who === undefined || text === undefined) return null;
  return { type: "say", who, text: text.replaceAll(String.raw`\n`, "\n") };
}
