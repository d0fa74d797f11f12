import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerDns } from "../../../device/esp32/portal/dns-answer.ts";

const SEEDS = Number(process.env.NOISE_SEEDS ?? 500);
const OWN = [4, 3, 2, 1] as const;
const HEADER_BYTES = 12;
const [A, AAAA, HTTPS, ANY] = [1, 28, 65, 255];
const FLAGS = { query: 0x0100, answer: 0x8180, status: 0x1100 };

function query(name: string, type = A, { flags = FLAGS.query, questions = 1, extra = "" } = {}) {
  const labels = name.split(".").map((label) => [label.length, ...Buffer.from(label)]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(0x1234, 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(questions, 4);
  header.writeUInt16BE(extra === "" ? 0 : 1, 10);
  const question = Buffer.from([...labels.flat(), 0, 0, type ?? 0, 0, 1]);
  return Buffer.concat([header, question, Buffer.from(extra, "hex")]);
}

/** As a resolver reads it: header, the same question, records. */
function read(asked: Uint8Array, answer: Uint8Array | undefined) {
  if (answer === undefined) return undefined;
  const view = Buffer.from(answer);
  const question = asked.subarray(HEADER_BYTES, HEADER_BYTES + view.length);
  const { length } = question;
  return {
    id: view.readUInt16BE(0),
    flags: view.readUInt16BE(2).toString(16),
    counts: [4, 6, 8, 10].map((at) => view.readUInt16BE(at)),
    isSameQuestion: view.subarray(HEADER_BYTES, HEADER_BYTES + length).equals(question),
    record: view.subarray(HEADER_BYTES + length).toString("hex"),
  };
}

const RECORD = "c00c00010001000000000004" + "04030201";

describe("a phone that asks for a name", () => {
  test.each([
    ["captive.apple.com", A, RECORD],
    ["connectivitycheck.gstatic.com", ANY, RECORD],
    ["captive.apple.com", AAAA, ""],
    ["captive.apple.com", HTTPS, ""],
    [`${"a".repeat(63)}.example`, A, RECORD],
  ])("%s, type %i", (name, type, record) => {
    const asked = query(name, type);
    expect(read(asked, answerDns(asked, OWN))).toEqual({
      id: 0x1234,
      flags: "8580",
      counts: [1, record === "" ? 0 : 1, 0, 0],
      isSameQuestion: true,
      record,
    });
  });

  test("may say what it can besides (EDNS): the answer leaves that out", () => {
    const plain = query("example.org");
    const asked = query("example.org", A, { extra: "0000291000000000000000" });
    expect(answerDns(asked, OWN)).toEqual(answerDns(plain, OWN));
  });
});

test.each([
  ["an answer", query("a.b", A, { flags: FLAGS.answer })],
  ["a question of a server's state", query("a.b", A, { flags: FLAGS.status })],
  ["two questions", query("a.b", A, { questions: 2 })],
  ["none", query("a.b", A, { questions: 0 })],
  ["a label of 64", Buffer.concat([query("a").subarray(0, 12), Buffer.alloc(80, 64)])],
  [
    "a pointer where nothing is before it",
    Buffer.concat([query("a").subarray(0, 12), Buffer.from("c00c00010001", "hex")]),
  ],
  ["a name of 300 bytes", query(Array(60).fill("abcd").join("."))],
  ["a message of 513 bytes", Buffer.concat([query("a.b"), Buffer.alloc(500)])],
])("%s gets no answer", (_what, bytes) => {
  expect(answerDns(bytes, OWN)).toBeUndefined();
});

test("noise gets none either, or one that fits a datagram", () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    // A header that passes, and then anything.
    fc
      .uint8Array({ maxLength: 300 })
      .map((tail) => Buffer.concat([query("a").subarray(0, 12), tail])),
  );
  fc.assert(
    fc.property(noise, (bytes) => {
      const answer = answerDns(bytes, OWN);
      expect(answer?.length ?? 0).toBeLessThanOrEqual(512 + 16);
    }),
    { numRuns: SEEDS },
  );
});
