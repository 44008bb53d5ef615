import { parseArgs } from "node:util";
import * as v from "valibot";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { Chosen } from "./audit/every-conversation.ts";
import { sentenceOf } from "./wrong-call.ts";

/** What the bridge is asked to do. */
export type Command =
  | { name: "help" }
  | { name: "run" }
  | { name: "migrate" }
  | { name: "backfill"; chosen: Chosen; from: number; kafka: boolean }
  /** `waitMs`: for events on their way to the archive, in all. */
  | { name: "verify"; chosen: Chosen; waitMs: number };

export const USAGE =
  "usage: npm run bridge -- run | migrate | backfill <conversation|all> --from SEQ [--cursor CURSOR] [--kafka] | " +
  "verify [conversation|all] [--cursor CURSOR] [--wait SECONDS]";

const wholeNumber = (name: string) =>
  v.pipe(
    v.string(`--${name} is missing`),
    v.regex(/^[0-9]{1,15}$/, `--${name} is not a whole number`),
    v.transform(Number),
  );
const fromSchema = wholeNumber("from");
const waitSchema = wholeNumber("wait");

/** The command, or one sentence on what is wrong with it. */
export function readCommand(args: readonly string[]): Result<Command, string> {
  const parsed = parse(args);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  if (values.help) return ok({ name: "help" });
  const [name = "run", conversation, ...more] = positionals;
  if (more.length > 0) return fail("one conversation at a time, or all");
  switch (name) {
    case "run":
    case "migrate":
      return conversation === undefined ? ok({ name }) : fail(`${name} takes no conversation`);
    case "backfill": {
      if (conversation === undefined) return fail("backfill of which conversation, or all?");
      const from = v.safeParse(fromSchema, values.from);
      if (!from.success) return fail(from.issues[0].message);
      const chosen = chosenOf(conversation, values.cursor);
      return ok({ name, chosen, from: from.output, kafka: values.kafka });
    }
    case "verify": {
      const wait = v.safeParse(waitSchema, values.wait);
      if (!wait.success) return fail(wait.issues[0].message);
      const chosen = chosenOf(conversation ?? "all", values.cursor);
      return ok({ name, chosen, waitMs: wait.output * 1_000 });
    }
    default:
      return fail(`there is no command ${name}`);
  }
}

function chosenOf(conversation: string, cursor: string | undefined): Chosen {
  return conversation === "all" ? { cursor: cursor ?? null } : { conversationId: conversation };
}

function parse(args: readonly string[]) {
  try {
    return ok(
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          from: { type: "string" },
          cursor: { type: "string" },
          kafka: { type: "boolean", default: false },
          help: { type: "boolean", short: "h", default: false },
          wait: { type: "string", default: "30" },
        },
      }),
    );
  } catch (error) {
    return fail(sentenceOf(error));
  }
}
