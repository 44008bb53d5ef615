import { parseArgs } from "node:util";
import { endWrongCall, sentenceOf } from "../bridge/wrong-call.ts";
import { fail, ok, type Result } from "../protocol/result.ts";

/** What a program takes behind `--`, for itself and for its help. */
export interface CommandLine<Options extends OptionTable = OptionTable> {
  /** As people call it. */
  name: string;
  does: string;
  options: Options;
  /** Words without dashes, any number of them; none are taken when absent. */
  words?: { choices: readonly string[] };
}

type OptionTable = Readonly<Record<string, Option>>;
type Option = { what: string } & (
  | { type: "flag" }
  | { type: "text"; value: string }
  | { type: "choice"; choices: readonly string[]; default: string }
  | { type: "number"; least: number; most?: number; whole: boolean; default: number | null }
);

export interface Given<Options extends OptionTable> {
  values: { [Name in keyof Options]: ValueOf<Options[Name]> };
  words: string[];
}
type ValueOf<O extends Option> = O extends { type: "flag" }
  ? boolean
  : O extends { type: "number" }
    ? number | (O extends { default: null } ? undefined : never)
    : O extends { type: "choice" }
      ? string
      : string | undefined;

/** What this program was given. Ends it when that is wrong, or when somebody asks for help. */
export function givenTo<const Options extends OptionTable>(
  command: CommandLine<Options>,
): Given<Options> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    console.log(helpOf(command));
    process.exit(0);
  }
  const given = readArguments(command, args);
  return given.ok ? given.value : endWrongCall(given.error, usageOf(command));
}

/** The same for arguments that stand here; the failure is one sentence. */
export function readArguments<const Options extends OptionTable>(
  { options, words }: CommandLine<Options>,
  args: readonly string[],
): Result<Given<Options>, string> {
  const parsed = parse(options, args);
  if (!parsed.ok) return parsed;
  const { values, positionals } = parsed.value;
  const foreign = positionals.find((word) => words?.choices.includes(word) !== true);
  if (foreign !== undefined) return fail(foreignWord(foreign, words?.choices));
  const read: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const value = valueOf(name, option, values[name]);
    if (!value.ok) return value;
    read[name] = value.value;
  }
  // by the loop above, which reads each option as its type says
  return ok({ values: read as Given<Options>["values"], words: positionals });
}

function parse(options: OptionTable, args: readonly string[]) {
  const types = Object.entries(options).map(([name, { type }]) => {
    return [name, { type: type === "flag" ? "boolean" : "string" }] as const;
  });
  try {
    const table = Object.fromEntries(types);
    return ok(parseArgs({ args: [...args], options: table, allowPositionals: true }));
  } catch (error) {
    return fail(sentenceOf(error));
  }
}

function foreignWord(word: string, choices: readonly string[] | undefined): string {
  return choices === undefined
    ? `${word} is not taken here`
    : `there is no ${word}, only ${choices.join(", ")}`;
}

function valueOf(name: string, option: Option, given: unknown): Result<unknown, string> {
  switch (option.type) {
    case "flag":
      return ok(given === true);
    case "text":
      return given === "" ? fail(`--${name} needs ${option.value}`) : ok(given);
    case "choice": {
      const isKnown = option.choices.some((choice) => choice === given);
      if (given === undefined || isKnown) return ok(given ?? option.default);
      return fail(`--${name} is one of ${option.choices.join(", ")}`);
    }
    case "number": {
      if (given === undefined) return ok(option.default ?? undefined);
      const { least, most = Number.MAX_SAFE_INTEGER, whole } = option;
      const number = given === "" ? NaN : Number(given);
      const isFit = number >= least && number <= most;
      if (isFit && (!whole || Number.isSafeInteger(number))) return ok(number);
      const bounds = option.most === undefined ? `from ${least}` : `from ${least} to ${most}`;
      return fail(`--${name} is a ${whole ? "whole " : ""}number ${bounds}`);
    }
  }
}

export function usageOf({ name, options, words }: CommandLine): string {
  const parts = Object.entries(options).map(([key, option]) => `[--${key}${placeholder(option)}]`);
  if (words !== undefined) parts.unshift(`[${words.choices.join("|")}]…`);
  return `usage: ${name}${parts.length === 0 ? "" : ` -- ${parts.join(" ")}`}`;
}

function helpOf(command: CommandLine): string {
  const options = Object.entries(command.options);
  const lines = options.map(([key, option]) => {
    const preset = "default" in option && option.default !== null ? ` (${option.default})` : "";
    return `  --${key}${placeholder(option)}: ${option.what}${preset}`;
  });
  return [usageOf(command), command.does, ...lines].join("\n");
}

function placeholder(option: Option): string {
  switch (option.type) {
    case "flag":
      return "";
    case "text":
      return ` ${option.value}`;
    case "choice":
      return ` ${option.choices.join("|")}`;
    case "number":
      return " N";
  }
}
