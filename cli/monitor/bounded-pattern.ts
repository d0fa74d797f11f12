import vm from "node:vm";

/**
 * Far above what an honest expression takes for a line of 4 KB, also on a busy machine, whose other work counts: it is
 * time of the clock. A hopeless one ends the command, so that nobody waits for it twice.
 */
const MATCH_MS = 2_000;

/** A regular expression of the user's that cannot hold the command up: some take longer than anybody lives. */
export class BoundedPattern {
  readonly #script = new vm.Script("pattern.test(text)");
  readonly #context: { readonly pattern: RegExp; text: string };

  constructor(pattern: RegExp) {
    this.#context = { pattern, text: "" };
    vm.createContext(this.#context);
  }

  matches(text: string): boolean | "too slow" {
    this.#context.text = text;
    try {
      return this.#script.runInContext(this.#context as vm.Context, { timeout: MATCH_MS });
    } catch (error) {
      // An error of the script's own realm.
      if (Reflect.get(Object(error), "code") === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "too slow";
      throw error;
    }
  }
}
