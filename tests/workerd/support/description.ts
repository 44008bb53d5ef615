import { Validator, type Schema } from "@cfworker/json-schema";
import { expect } from "vitest";
import * as v from "valibot";
import { api, type ApiAnswer } from "./api.ts";

const mediaSchema = v.object({ schema: v.optional(v.record(v.string(), v.unknown())) });
const describedSchema = v.object({
  paths: v.record(
    v.string(),
    v.record(
      v.string(),
      v.object({
        responses: v.record(
          v.string(),
          v.object({ content: v.optional(v.record(v.string(), mediaSchema), {}) }),
        ),
      }),
    ),
  ),
  components: v.object({ schemas: v.record(v.string(), v.unknown()) }),
});

/** The served OpenAPI, as a judge of answers. */
export class Description {
  readonly #described: v.InferOutput<typeof describedSchema>;

  private constructor(described: v.InferOutput<typeof describedSchema>) {
    this.#described = described;
  }

  static async fetch(): Promise<Description> {
    const { body } = await api("GET", "/openapi.json");
    return new Description(v.parse(describedSchema, body));
  }

  /** `get /messages/{messageId}` and so on. */
  operations(): string[] {
    return Object.entries(this.#described.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
  }

  /** Fails the test when the answer is not one that the description allows. */
  judge(operation: string, { status, headers, body }: ApiAnswer): void {
    const response = this.#responseOf(operation, status);
    const type = headers.get("content-type")?.split(";")[0] ?? "";
    const described = Object.keys(response.content);
    if (described.length === 0) expect(body).toEqual({});
    else if (!described.includes("*/*")) expect(described).toEqual([type]);
    const schema = response.content[type]?.schema;
    if (schema === undefined) return;
    const { errors } = this.#validator(schema).validate(body);
    expect(errors, `${operation} ${status}`).toEqual([]);
  }

  /** The same for an answer of bytes, or of none: its status and its media type. */
  judgeBytes(operation: string, { status, headers }: Pick<Response, "status" | "headers">): void {
    const described = Object.keys(this.#responseOf(operation, status).content);
    const type = headers.get("content-type")?.split(";")[0];
    if (described.length === 0) return;
    if (!described.includes("*/*")) expect([type]).toEqual(described);
  }

  #responseOf(operation: string, status: number) {
    const [method = "", path = ""] = operation.split(" ");
    const response = this.#described.paths[path]?.[method]?.responses[status];
    if (response === undefined) throw new Error(`${operation} may not answer ${status}`);
    return response;
  }

  #validator(schema: Record<string, unknown>): Validator {
    const whole = { ...schema, $defs: this.#described.components.schemas };
    const text = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/$defs/");
    const parsed: Schema = Object(JSON.parse(text));
    return new Validator(parsed, "2020-12", false);
  }
}
