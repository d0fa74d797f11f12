import vm from "node:vm";

/** Far above what an honest expression takes for a line of 4 KB, and short for who looks at a screen. */
const MATCH_MS = 100;

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
