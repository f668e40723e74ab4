import { styleText } from "node:util";
import { cursorHide } from "@inquirer/ansi";
import { createPrompt, makeTheme, useEffect, usePrefix } from "@inquirer/core";

interface WaitConfig {
  readonly doing: string;
  readonly task: Promise<unknown>;
}

/**
 * Stands where a prompt would while something is on its way, so that Ctrl-C works and typed keys are not echoed.
 * A spinner appears when it takes longer than a blink. Ends when the task does, however that ends.
 */
export const wait = createPrompt<void, WaitConfig>(({ doing, task }, done) => {
  const spinner = usePrefix({ status: "loading", theme: makeTheme({ prefix: "" }) });
  useEffect(() => {
    void task.then(
      () => done(),
      () => done(),
    );
  }, []);
  return spinner === "" ? ` ${cursorHide}` : `${spinner} ${doing}… ${styleText("dim", "esc back")}${cursorHide}`;
});
