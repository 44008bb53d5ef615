import * as v from "valibot";
import type { FileDetails } from "../../core/files/file-record.ts";
import { fitting } from "../../protocol/fitting.ts";
import { accept } from "../../edge/refused-error.ts";

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const DAY_MS = 86_400_000;
const MOST_PIXELS = 65_535;
const CAPTION_CHARS = 4_096;

/** What a client may say about a file: the worker cannot measure sound and film. A picture's size is measured. */
export const detailFields = {
  width: v.optional(whole(MOST_PIXELS)),
  height: v.optional(whole(MOST_PIXELS)),
  durationMs: v.optional(whole(DAY_MS)),
  caption: v.optional(v.pipe(v.string(), v.maxLength(CAPTION_CHARS))),
};

const numeric = (schema: v.GenericSchema<number, number>) =>
  v.optional(
    v.pipe(v.string(), v.regex(/^[0-9]{1,9}$/, "is not a number"), v.transform(Number), schema),
  );

const formSchema = v.object({
  width: numeric(whole(MOST_PIXELS)),
  height: numeric(whole(MOST_PIXELS)),
  durationMs: numeric(whole(DAY_MS)),
  caption: detailFields.caption,
});

/** The details among a form's fields. */
export function fileDetails(fields: ReadonlyMap<string, string>): FileDetails {
  return givenDetails(accept(fitting(formSchema, Object.fromEntries(fields))));
}

/** Without what was not given. */
export function givenDetails(details: {
  [Name in keyof FileDetails]?: FileDetails[Name] | undefined;
}): FileDetails {
  const { width, height, durationMs, caption } = details;
  return {
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(caption === undefined || caption === "" ? {} : { caption }),
  };
}
