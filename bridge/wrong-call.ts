/** For a wrong call, as shells and most programs have it. */
const WRONG_CALL = 2;

/** Ends a program that was called wrongly. */
export function endWrongCall(sentence: string, usage: string): never {
  console.error(`${sentence}\n${usage}`);
  process.exit(WRONG_CALL);
}

/** What `parseArgs` finds wrong, in one sentence: its further ones are about words that begin with a dash. */
export function sentenceOf(error: unknown): string {
  const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
  return sentence;
}
