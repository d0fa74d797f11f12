/** One upload by the camera's code over a real socket, against servers that do not do as they should. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { checkedCamera, missingCompiler } from "./lock-step-camera.ts";
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

describe.skipIf(missingCompiler())("the camera's PUT (skipped: no C++ compiler)", () => {
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
    ["garbage", "SSH-2.0-OpenSSH_9.2p1 Debian\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200 OK\r\n\r\n"],
    ["100 only", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["interim answers without end", `HTTP/1.1 103 Hints\r\n${"X: y\r\n".repeat(900)}`],
  ])("takes %s for no success", async (_, answer) => {
    const { url } = await serve({ onWhole: say(answer) });
    expect(await put(url, file)).toEqual(failed("closed"));
  });

  test("takes a success in the middle of the body for none, unless the rest is taken too", async () => {
    const early = "HTTP/1.1 200 OK\r\n\r\n";
    const closing = await serve({
      onHead: (socket) => {
        socket.write(early);
        socket.destroySoon();
        socket.pause();
      },
    });
    const big = join(picturesFolder({}, []), "big");
    writeFileSync(big, Buffer.alloc(30_000_000));
    expect(await put(closing.url, big)).toEqual(failed("closed"));
    server?.close();
    const reading = await serve({ onHead: (socket) => void socket.write(early) });
    expect(await put(reading.url, file)).toEqual(stored(200));
    expect(reading.got().subarray(-BODY.length)).toEqual(BODY);
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
    [["--put", "http://127.0.0.1/"]],
    [["--put", "http://127.0.0.1/", "body", "--header"]],
    [["--put", "http://127.0.0.1/", "body", "--header", "no colon"]],
    [["--put", "http://127.0.0.1/", "body", "--timeout", "soon"]],
    [["--tty", "/dev/null"]],
    [["--tty", "/dev/null", "--folder", ".", "--wifi", "sometimes"]],
    [["--lock-step"]],
    [["--dance"]],
    [[]],
  ])("explains itself on %j", async (args) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    execFile(checkedCamera(), args, (error, _, stderr) => resolve([error?.code, stderr]));
    expect(await promise).toEqual([2, expect.stringContaining("skyfeeder-camera --put URL FILE")]);
  });
});
