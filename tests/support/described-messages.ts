import { readFileSync } from "node:fs";
import path from "node:path";
import { Validator, type Schema } from "@cfworker/json-schema";
import * as v from "valibot";
import { parse } from "yaml";

const messageSchema = v.object({
  name: v.string(),
  payload: v.record(v.string(), v.unknown()),
  headers: v.optional(v.record(v.string(), v.unknown())),
});
const documentSchema = v.looseObject({
  channels: v.record(
    v.string(),
    v.object({ address: v.string(), messages: v.record(v.string(), messageSchema) }),
  ),
});

/** docs/asyncapi.yaml, as a judge of what really flows. */
export class DescribedMessages {
  readonly document: v.InferOutput<typeof documentSchema>;
  readonly #validators = new Map<unknown, Validator>();

  private constructor(document: v.InferOutput<typeof documentSchema>) {
    this.document = document;
  }

  static read(): DescribedMessages {
    const file = path.join(import.meta.dirname, "../../docs/asyncapi.yaml");
    return new DescribedMessages(v.parse(documentSchema, parse(readFileSync(file, "utf8"))));
  }

  /** Names of what Parley sends over a channel. */
  sentOver(channel: string): string[] {
    return Object.entries(this.document.channels[channel]?.messages ?? {})
      .filter(([key]) => key.startsWith("sent."))
      .map(([, { name }]) => name);
  }

  /** What is wrong with a message that Parley has sent; none when it is as described, field by field. */
  problems(channel: string, name: string, payload: unknown, headers?: unknown): string[] {
    const message = this.document.channels[channel]?.messages[`sent.${name}`];
    if (message === undefined) return [`nobody has described ${name} over ${channel}`];
    return [
      ...this.#problemsOf(message.payload, payload),
      ...(headers === undefined ? [] : this.#problemsOf(message.headers ?? {}, headers)),
    ].map((problem) => `${channel} ${name} ${problem}`);
  }

  #problemsOf(schema: Record<string, unknown>, value: unknown): string[] {
    const validator = this.#validators.get(schema) ?? new Validator(closed(schema), "7", false);
    this.#validators.set(schema, validator);
    const { errors } = validator.validate(value);
    return errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
  }
}

/** The same schema that takes no field it does not name: what nobody described must not flow. */
function closed(schema: object): Schema {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, closedWithin(value)]),
  );
  const isOpen = typeof inner["properties"] === "object" && !("additionalProperties" in inner);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

function closedWithin(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedWithin);
  return typeof value === "object" && value !== null ? closed(value) : value;
}
