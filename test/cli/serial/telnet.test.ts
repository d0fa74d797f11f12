import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeData,
  encodeNegotiation,
  encodeSubnegotiation,
  TelnetDecoder,
  type TelnetEvent,
} from "../../../cli/serial/telnet.ts";

/** Neighbouring data joined: into how many pieces it falls says nothing. */
function joined(events: readonly TelnetEvent[]): unknown[] {
  const out: unknown[] = [];
  let data: number[] | undefined;
  for (const event of events) {
    if (event.kind !== "data") {
      data = undefined;
      out.push(event);
      continue;
    }
    if (data === undefined) {
      data = [];
      out.push(data);
    }
    data.push(...event.bytes);
  }
  return out;
}

const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });

test("data of any bytes in any pieces is the same data behind the wire", () => {
  fc.assert(
    fc.property(pieces, (chunks) => {
      const decoder = new TelnetDecoder();
      const events = chunks.flatMap((chunk) => decoder.decode(encodeData(chunk)));
      const sent = chunks.flatMap((chunk) => [...chunk]);
      expect(joined(events)).toEqual(sent.length === 0 ? [] : [sent]);
    }),
  );
});

test("it does not matter in which pieces a connection comes, and nothing in it throws", () => {
  fc.assert(
    fc.property(pieces, (chunks) => {
      const whole = new TelnetDecoder().decode(Buffer.concat(chunks));
      const decoder = new TelnetDecoder();
      expect(joined(chunks.flatMap((chunk) => decoder.decode(chunk)))).toEqual(joined(whole));
    }),
  );
});

test("commands between data, with 255 in the body of one", () => {
  const decoder = new TelnetDecoder();
  const wire = Buffer.concat([
    Buffer.from("ab"),
    encodeNegotiation("will", 44),
    encodeSubnegotiation(44, [101, 0, 255, 1]),
    Buffer.from("c"),
  ]);
  expect(joined(decoder.decode(wire))).toEqual([
    [97, 98],
    { kind: "negotiation", verb: "will", option: 44 },
    { kind: "subnegotiation", option: 44, body: [101, 0, 255, 1] },
    [99],
  ]);
});

test("a body without end is cut, not kept", () => {
  const decoder = new TelnetDecoder();
  decoder.decode(Uint8Array.of(255, 250, 44));
  for (let n = 0; n < 1_000; n++) decoder.decode(new Uint8Array(1_000));
  const [event] = decoder.decode(Uint8Array.of(255, 240));
  const body = event?.kind === "subnegotiation" ? event.body : [];
  expect(body).toHaveLength(255);
});
