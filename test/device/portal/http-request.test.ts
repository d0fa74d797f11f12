import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HttpRequestParser } from "../../../device/esp32/portal/http-request.ts";

const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);

/** What a parser makes of bytes that come in pieces of so many. */
function parse(text: string | Uint8Array, pieceBytes = Number.POSITIVE_INFINITY) {
  const bytes = typeof text === "string" ? Buffer.from(text, "latin1") : text;
  const parser = new HttpRequestParser();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const parsed = parser.take(bytes.subarray(at, Math.min(at + pieceBytes, bytes.length)));
    if (parsed?.kind === "refused") return parsed.status;
    if (parsed === undefined) continue;
    const { method, path, host, body } = parsed.request;
    return [method, path, host, Buffer.from(body).toString()];
  }
  return "waits";
}

const FORM = "POST /setup HTTP/1.1\r\nHost: 4.3.2.1\r\nContent-Length: 7\r\n\r\na=1&b=2";

describe("a request", () => {
  test.each([
    ["GET / HTTP/1.1\r\nHost: 4.3.2.1\r\n\r\n", ["GET", "/", "4.3.2.1", ""]],
    // Apple's probe.
    [
      "GET /hotspot-detect.html HTTP/1.0\r\nHost: captive.apple.com\r\nConnection: close\r\n\r\n",
      ["GET", "/hotspot-detect.html", "captive.apple.com", ""],
    ],
    ["GET /?a=b HTTP/1.1\r\nHOST:  4.3.2.1:80 \r\n\r\n", ["GET", "/", "4.3.2.1:80", ""]],
    ["GET http://a.b/c?d HTTP/1.1\r\nHost: A.B\r\n\r\n", ["GET", "/c", "a.b", ""]],
    ["GET http://a.b HTTP/1.1\r\nHost: a.b\r\n\r\n", ["GET", "/", "a.b", ""]],
    ["\r\nHEAD / HTTP/1.0\r\n\r\n", ["HEAD", "/", "", ""]],
    ["GET / HTTP/1.1\nHost: a\n\n", ["GET", "/", "a", ""]],
    [FORM, ["POST", "/setup", "4.3.2.1", "a=1&b=2"]],
    [`${FORM}GET / HTTP/1.1\r\n\r\n`, ["POST", "/setup", "4.3.2.1", "a=1&b=2"]],
  ])("%j", (text, request) => {
    expect(parse(text)).toEqual(request);
    expect(parse(text, 1)).toEqual(request);
  });

  test("with another host's cookies is read past them", () => {
    const cookies = `Cookie: ${"c".repeat(8_000)}\r\n`;
    const text = `GET /gen_204 HTTP/1.1\r\n${cookies}Host: www.google.com\r\n\r\n`;
    expect(parse(text, 100)).toEqual(["GET", "/gen_204", "www.google.com", ""]);
  });

  test("with a query longer than any line is read past it", () => {
    const text = `GET /?${"q".repeat(5_000)} HTTP/1.1\r\nHost: a.b\r\n\r\n`;
    expect(parse(text, 100)).toEqual(["GET", "/", "a.b", ""]);
  });
});

test.each([
  ["get / HTTP/1.1\r\n\r\n", 400],
  ["GET /\r\n\r\n", 400],
  ["GET / HTTP/2.0\r\n\r\n", 400],
  ["GET / HTTP/1.1 x\r\n\r\n", 400],
  ["GET / HTTP/1.1\r\nno colon\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n", 400],
  ["POST / HTTP/1.1\r\nContent-Length: 1537\r\n\r\n", 413],
  ["POST / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n", 413],
  ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411],
  [`GET / HTTP/1.1\r\n${"a: b\r\n".repeat(4_000)}`, 431],
  [`GET / HTTP/1.1\r\na: ${"b".repeat(20_000)}`, 431],
])("%j is refused", (text, status) => {
  expect(parse(text)).toBe(status);
  expect(parse(text, 7)).toBe(status);
});

test("noise ends in a refusal, in a request or in waiting, however it comes", () => {
  const words = fc.constantFrom(
    "GET ",
    "POST ",
    "/",
    " HTTP/1.1",
    "\r\n",
    "\n",
    "Host: ",
    "Content-Length: ",
    "5",
    ":",
    "\0",
  );
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.array(words, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(noise, fc.integer({ min: 1, max: 50 }), (bytes, pieceBytes) => {
      expect(parse(bytes, pieceBytes)).toEqual(parse(bytes));
    }),
    { numRuns: SEEDS },
  );
});
