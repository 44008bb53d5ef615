import { expect, test } from "vitest";
import { LatestRead } from "./latest-read.ts";

test("an answer that a later read has overtaken is not shown", async () => {
  const asked: PromiseWithResolvers<string>[] = [];
  const shown: string[] = [];
  const reading = new LatestRead(
    () => {
      const answer = Promise.withResolvers<string>();
      asked.push(answer);
      return answer.promise;
    },
    (found) => shown.push(found),
  );
  const runs = [reading.run(), reading.run()];
  asked[1]?.resolve("newer");
  await runs[1];
  asked[0]?.resolve("older");
  await runs[0];
  expect(shown).toEqual(["newer"]);
});

test("reads that follow one another are all shown", async () => {
  const answers = ["one", "two"];
  const shown: (string | undefined)[] = [];
  const reading = new LatestRead(
    async () => answers.shift(),
    (found) => shown.push(found),
  );
  await reading.run();
  await reading.run();
  expect(shown).toEqual(["one", "two"]);
});
