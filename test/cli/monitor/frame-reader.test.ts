import { expect, test } from "vitest";
import { FrameReader } from "../../../cli/monitor/frame-reader.ts";
import type { Channel } from "../../../device/amb82-bridge/link/frame.ts";
import {
  CONTROL,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  stampAcknowledgement,
  wireBytesMax,
  writeFrameStart,
  writeUint16,
  writeUint32,
} from "../../../device/amb82-bridge/link/frame.ts";
import { encodeFrame } from "../../../device/amb82-bridge/link/frame-codec.ts";

interface SentFrame {
  readonly type: keyof typeof FRAME_TYPE;
  readonly channel?: Channel;
  readonly sequence?: number;
  readonly more?: boolean;
  readonly payload?: Uint8Array | string;
}

function onWire({ type, channel = CONTROL, sequence = 0, more = false, payload = "" }: SentFrame) {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const frame = new Uint8Array(FRAME_BYTES_MAX);
  writeFrameStart(frame, FRAME_TYPE[type], channel, sequence, more);
  stampAcknowledgement(frame, 0b101, 7, 8192);
  frame.set(bytes, FRAME_HEADER_BYTES);
  const wire = new Uint8Array(wireBytesMax(FRAME_BYTES_MAX));
  return wire.slice(0, encodeFrame(frame, FRAME_HEADER_BYTES + bytes.length, wire));
}

function watchWire() {
  const texts: string[] = [];
  const rates: number[] = [];
  const clock = { nowMs: 0 };
  const reader = new FrameReader(
    () => clock.nowMs,
    ({ text }) => texts.push(text),
    (rate) => rates.push(rate),
  );
  return { clock, texts, rates, hear: (sent: SentFrame) => reader.push(onWire(sent)), reader };
}

function rate(bitsPerSecond: number, step: number): Uint8Array {
  const payload = new Uint8Array(5);
  writeUint32(payload, 0, bitsPerSecond);
  payload[4] = step;
  return payload;
}

test("a frame is what it does, in a line", () => {
  const { texts, hear, reader } = watchWire();
  hear({ type: "ack", channel: 1 });
  hear({ type: "command", sequence: 3, payload: '{"op":"photo","captureId":"12-a-4"}' });
  hear({ type: "command", sequence: 3, payload: '{"op":"photo","captureId":"12-a-4"}' });
  const data = new Uint8Array(1024);
  writeUint16(data, 0, 2);
  writeUint32(data, 2, 4096);
  hear({ type: "data", channel: 1, sequence: 9, payload: data });
  reader.push(Uint8Array.of(0, 1, 2, 3, 0, 9, 9, 0));
  expect(texts).toEqual([
    "bulk ack 7 sack 00000101 credit 8192: ack",
    'control #3 ack 7 sack 00000101 credit 8192: command {"op":"photo","captureId":"12-a-4"}',
    "control #3 ack 7 sack 00000101 credit 8192: command (again)",
    "bulk #9 ack 7 sack 00000101 credit 8192: data object 2 at 4096: 1018 bytes",
    "2 runs of noise",
  ]);
});

test("neither the network's passphrase nor who may upload is shown, in one frame or several", () => {
  const { texts, hear } = watchWire();
  hear({
    type: "command",
    sequence: 1,
    payload: '{"op":"wifi_stage","ssid":"garden","passphrase":"hun',
  });
  expect(texts[0]).not.toContain("hun");
  const staged = '{"op":"wifi_stage","ssid":"garden","passphrase":"hunter22"}';
  hear({ type: "command", sequence: 2, more: true, payload: staged.slice(0, 50) });
  hear({ type: "command", sequence: 3, payload: staged.slice(50) });
  const url = "http://x/put?sig=hunter22";
  const headers = [["Authorization", "Bearer hunter22"]];
  hear({
    type: "command",
    sequence: 4,
    payload: JSON.stringify({ op: "upload", id: 2, url, headers }),
  });
  expect(texts.join("\n")).not.toContain("hun");
  expect(texts[2]).toContain('{"op":"wifi_stage","ssid":"garden","passphrase":"***"}');
  expect(texts[3]).toContain('{"op":"upload","id":2,"url":"***","headers":"***"}');
});

test("the rate is followed when its ends agree on another, and back when it brings only noise", () => {
  const { clock, texts, rates, hear, reader } = watchWire();
  hear({ type: "rate", payload: rate(921_600, 0) });
  hear({ type: "rate", payload: rate(4_000_000_000, 1) });
  expect(texts[0]).toContain("rate 921600 baud, proposed");
  expect(rates).toEqual([921_600]);
  const noise = Uint8Array.of(0, 1, 2, 3, 0);
  for (const nowMs of [1_000, 1_400]) {
    clock.nowMs = nowMs;
    reader.push(noise);
  }
  expect(rates).toEqual([921_600]);
  clock.nowMs = 1_500;
  reader.push(noise);
  expect(rates).toEqual([921_600, 115_200]);
});
