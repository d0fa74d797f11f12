import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { EXIT } from "../failure.ts";
import { done, failed, type Outcome } from "../outcome.ts";

const LINE_CHARACTERS_MAX = 4_096;
/** What a shell says of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/** One line of standard input, or what somebody types at a terminal that shows nothing of it. */
export async function readSecret(
  prompt: string,
  fromStdin: boolean | undefined,
): Promise<Outcome<string>> {
  if (fromStdin === true) return done(await firstLine());
  if (!process.stdin.isTTY) {
    const message = "there is no terminal to type the password on";
    return failed("no_terminal", message, "--stdin, with the password as one line", EXIT.usage);
  }
  return done(await typedLine(prompt));
}

async function firstLine(): Promise<string> {
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n") || text.length > LINE_CHARACTERS_MAX) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? "";
}

/** readline reads keys itself and echoes them to its output, which here goes nowhere. */
function typedLine(prompt: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(prompt);
  return new Promise((resolve) => {
    lines.on("SIGINT", () => {
      process.stderr.write("\n");
      process.exit(INTERRUPTED);
    });
    // Ctrl-D is an empty line.
    lines.on("close", () => resolve(""));
    lines.on("line", (line) => {
      process.stderr.write("\n");
      resolve(line);
      lines.close();
    });
  });
}
