import { callWithin } from "./call.ts";

const ATTEMPTS = 3;

/** No object answered in the time and attempts there are. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  readonly code = "UNAVAILABLE";
}

/** Calls an object, again when the platform says that helps; `call` takes a fresh stub each time. Throws an `UnavailableError`. */
export async function callObject<T>(
  name: string,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<Awaited<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await callWithin(timeoutMs, call());
    } catch (error) {
      if (attempt < ATTEMPTS && isWorthRepeating(error)) continue;
      if (isOfThePlatform(error)) throw new UnavailableError(name, { cause: error });
      throw error;
    }
  }
}

/** The platform lets one request have six calls under way; more would only wait. */
const CALLS_AT_ONCE = 6;

/** Makes a call for each item, some at a time; answers in the items' order. */
export async function callForEach<Item, Answer>(
  items: readonly Item[],
  call: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let from = 0; from < items.length; from += CALLS_AT_ONCE) {
    answers.push(...(await Promise.all(items.slice(from, from + CALLS_AT_ONCE).map(call))));
  }
  return answers;
}

function isWorthRepeating(error: unknown): boolean {
  return flag(error, "retryable") && !flag(error, "overloaded");
}

/** A lost, overloaded or slow object, as opposed to a bug in it. */
function isOfThePlatform(error: unknown): boolean {
  const isLate = error instanceof Error && error.name === "CallTimeoutError";
  return isLate || flag(error, "retryable") || flag(error, "overloaded");
}

function flag(error: unknown, name: "retryable" | "overloaded"): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    name in error &&
    Reflect.get(error, name) === true
  );
}
