/** One upload by the camera's code over a real socket, against servers that do not do as they should. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { drip } from "./dripping-socket.ts";
import { checkedCamera, describeCamera } from "./lock-step-camera.ts";
import { picturesFolder } from "./pictures-folder.ts";

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) & 0xff));
const file = join(picturesFolder({}, []), "body");
writeFileSync(file, BODY);

const HEADERS = ["--header", "Content-Type: image/jpeg", "--header", "Authorization: Bearer a:b"];
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** What the server got, and what it does when it has the head, and when it has everything. */
interface Service {
  readonly onHead?: (socket: Socket) => void;
  readonly onWhole?: (socket: Socket) => void;
}

async function serve({ onHead, onWhole }: Service): Promise<{ url: string; got: () => Buffer }> {
  let got: Buffer = Buffer.alloc(0);
  server = createServer((socket) => {
    let headEnd = -1;
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      const hadHead = headEnd >= 0;
      headEnd = got.indexOf("\r\n\r\n");
      if (!hadHead && headEnd >= 0) onHead?.(socket);
      if (headEnd >= 0 && got.length >= headEnd + 4 + BODY.length) onWhole?.(socket);
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, got: () => got };
}

interface Outcome {
  readonly status: number;
  readonly printed: unknown;
}

function put(...args: readonly string[]): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  execFile(checkedCamera(), ["--put", ...args], (error, stdout) => {
    const status = error === null ? 0 : Number(error.code);
    resolve({ status, printed: stdout === "" ? "" : JSON.parse(stdout) });
  });
  return promise;
}

function stored(status: number) {
  return { status: 0, printed: { outcome: "stored", status } };
}

function failed(outcome: string, status = 0) {
  return { status: 1, printed: { outcome, status } };
}

function say(text: string): (socket: Socket) => void {
  return (socket) => void socket.end(text);
}

const PUT = ["--put", "http://127.0.0.1/", "body"];
const TTY = ["--tty", "/dev/null", "--folder", "."];
const NO_TIME = "not a number of milliseconds from 1 to 3600000";

function run(args: readonly string[]) {
  const { promise, resolve } = Promise.withResolvers<
    Record<"stdout" | "stderr", string> & { code: unknown }
  >();
  execFile(checkedCamera(), args, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
  );
  return promise;
}

describeCamera("the camera's PUT", () => {
  test("sends the whole body under the head that was asked for", async () => {
    const { url, got } = await serve({ onWhole: say("HTTP/1.1 200 OK\r\n\r\n") });
    expect(await put(`${url}/fput/abc?x=1`, file, ...HEADERS)).toEqual(stored(200));
    const head = got()
      .subarray(0, got().length - BODY.length)
      .toString();
    expect(head).toBe(
      "PUT /fput/abc?x=1 HTTP/1.1\r\n" +
        `Host: ${url.slice("http://".length)}\r\n` +
        "Connection: close\r\n" +
        "Content-Length: 300000\r\n" +
        "Content-Type: image/jpeg\r\n" +
        "Authorization: Bearer a:b\r\n\r\n",
    );
    expect(got().subarray(head.length)).toEqual(BODY);
  });

  test.each([
    ["204, and keeps the connection", "HTTP/1.1 204 No Content\r\n\r\n", stored(204)],
    ["a status without a word", "HTTP/1.0 201\r\n\r\n", stored(201)],
    ["100 first", "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", stored(200)],
    ["403", "HTTP/1.1 403 Forbidden\r\n\r\n{}", failed("refused", 403)],
    ["a redirection", "HTTP/1.1 307 Elsewhere\r\nLocation: /x\r\n\r\n", failed("refused", 307)],
    ["500 with a line feed only", "HTTP/1.1 500\n\n", failed("refused", 500)],
  ])("understands %s", async (_, answer, outcome) => {
    const { url } = await serve({ onWhole: (socket) => void socket.write(answer) });
    expect(await put(url, file)).toEqual(outcome);
  });

  test.each([
    ["nothing", ""],
    ["the beginning of a status", "HTTP/1.1 20"],
    ["a status that may still grow", "HTTP/1.1 200"],
    ["100 only", "HTTP/1.1 100 Continue\r\n\r\n"],
  ])("takes %s and the end for no success", async (_, answer) => {
    const { url } = await serve({ onWhole: say(answer) });
    expect(await put(url, file)).toEqual(failed("closed"));
  });

  test.each([
    ["garbage", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200 OK\r\n\r\n"],
    ["interim answers without end", `HTTP/1.1 103 Hints\r\n${"X: y\r\n".repeat(900)}`],
  ])("takes %s for no answer, without waiting for the end", async (_, answer) => {
    const { url } = await serve({ onWhole: (socket) => void socket.write(answer) });
    expect(await put(url, file)).toEqual(failed("closed"));
  });

  test("takes a success in the middle of the body for none", async () => {
    // A captive portal answers any request; this one even takes the rest.
    const { url } = await serve({
      onHead: (socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\n"),
    });
    const big = join(picturesFolder({}, []), "big");
    writeFileSync(big, Buffer.alloc(30_000_000));
    expect(await put(url, big)).toEqual(failed("closed"));
  });

  test("stops at a refusal in the middle of the body", async () => {
    const { url } = await serve({
      onHead: (socket) => {
        socket.end("HTTP/1.1 413 Too Large\r\n\r\n");
        socket.pause();
      },
    });
    expect(await put(url, file)).toEqual(failed("refused", 413));
  });

  test("gives up a server that stalls before, in or behind the answer's beginning", async () => {
    const stall = ["--timeout", "150"];
    const silent = await serve({});
    expect(await put(silent.url, file, ...stall)).toEqual(failed("timeout"));
    server?.close();
    const deaf = await serve({ onHead: (socket) => void socket.pause() });
    expect(await put(deaf.url, file, ...stall)).toEqual(failed("timeout"));
    server?.close();
    const slow = await serve({ onWhole: (socket) => void socket.write("HTTP/1.1 20") });
    expect(await put(slow.url, file, ...stall)).toEqual(failed("timeout"));
  });

  test("gives up a server that always says a little more, but no status", async () => {
    const { url } = await serve({
      onWhole: (socket) => {
        socket.write("HTTP/1.1 100 Continue\r\n");
        drip(socket);
      },
    });
    const startMs = performance.now();
    expect(await put(url, file, "--timeout", "300")).toEqual(failed("timeout"));
    // All of it may take ten silences.
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(3_000);
  });

  test("says so when nobody is there, and when the URL is none", async () => {
    const { url } = await serve({});
    server?.close();
    expect(await put(url, file)).toEqual(failed("connect_failed"));
    expect(await put("http://no-such-host.invalid/", file)).toEqual(failed("connect_failed"));
    expect(await put("https://127.0.0.1/", file)).toEqual(failed("bad_url"));
    expect(await put(`http://127.0.0.1/${"a".repeat(3_000)}`, file)).toEqual(failed("bad_url"));
    expect(await put("http://127.0.0.1/", file, "--header", "X: a\r\nY: b")).toEqual(
      failed("bad_url"),
    );
  });

  test.each([
    [["--put", "http://127.0.0.1/"], "--put needs a URL and a file"],
    [[...PUT, "--header"], "this option lacks its value: --header"],
    [[...PUT, "--header", "no colon"], "--header: not 'Name: value': no colon"],
    [[...PUT, ...Array(9).fill(["--header", "A: b"]).flat()], "--header: more than eight"],
    [[...PUT, "--bogus", "1"], "unknown option: --bogus"],
    [[...PUT, "--timeout", "abc"], `--timeout: ${NO_TIME}: abc`],
    [[...PUT, "--timeout", "15s"], `--timeout: ${NO_TIME}: 15s`],
    [[...PUT, "--timeout", "0"], `--timeout: ${NO_TIME}: 0`],
    [[...PUT, "--timeout", "-5"], `--timeout: ${NO_TIME}: -5`],
    [[...PUT, "--timeout", "3600001"], `--timeout: ${NO_TIME}: 3600001`],
    [[...PUT, "--timeout", "4294967297"], `--timeout: ${NO_TIME}: 4294967297`],
    [["--tty", "/dev/null"], "--folder is missing"],
    [["--tty", "/dev/null", "--folder"], "this option lacks its value: --folder"],
    [["--tty", "/dev/null", "--bogus", "x"], "unknown option: --bogus"],
    [[...TTY, "--wifi", "sometimes"], '--wifi: not "always": sometimes'],
    [["--lock-step"], "--lock-step needs a folder, and nothing else"],
    [["--lock-step", ".", "."], "--lock-step needs a folder, and nothing else"],
    [["--dance"], "unknown option: --dance"],
    [[], "no mode is given"],
  ])("explains itself on %j", async (args, what) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stderr.split("\n")[0]).toBe(`skyfeeder-camera: ${what}`);
    expect(stderr).toContain("skyfeeder-camera --put URL FILE");
  });

  test.each(["--help", "-h"])("tells on %s what it can do", async (option) => {
    const { code, stdout } = await run([option]);
    expect(code).toBe(0);
    expect(stdout).toContain("skyfeeder-camera --lock-step FOLDER");
  });
});
