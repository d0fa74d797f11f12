import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Refusal } from "../problem-answer.ts";
import { describeProblem, PROBLEM_TYPE } from "../problem-answer.ts";

/** Answers where there is no response object, to an unreadable request or a refused upgrade, and hangs up. */
export function refuseConnection(
  socket: Duplex,
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): void {
  // Node takes its own listener away before an upgrade; without one, a client's reset ends the process.
  socket.on("error", () => {});
  const problem = describeProblem(refusal);
  const body = JSON.stringify(problem);
  const fields = {
    Connection: "close",
    "Content-Type": PROBLEM_TYPE,
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const start = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`;
  // Sockets of an HTTP server may stay half open: one whose client never closes would outlive the server.
  socket.end(`${start}${lines.join("")}\r\n${body}`, () => socket.destroy());
}
