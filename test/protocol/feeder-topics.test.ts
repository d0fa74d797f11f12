import fc from "fast-check";
import { expect, test } from "vitest";
import {
  feederTopics,
  readCommandPublication,
  toEventPublication,
} from "../../protocol/feeder-topics.ts";
import { parseServerMessage } from "../../protocol/room-messages.ts";
import { toMessage, toPublication } from "../../server-min/mqtt/payloads.ts";
import { formatTopic, parseTopic } from "../../server-min/mqtt/topics.ts";

const VISIT = { type: "event.visit", payload: { captureId: "c1", trigger: "pir" } } as const;

test("an event by its topic is the message that the room has from the relay", () => {
  const event = { ...VISIT, bootId: "3-00ff", seq: 7, ts: 1_780_272_000_000 };
  const { topic, text } = toEventPublication("feeder-1", event);
  const target = parseTopic(topic);
  if (target?.kind !== "event") throw new Error(topic);
  expect(toMessage(target, text)).toEqual({ message: event, isRelayed: false });
});

test("what the room says to a feeder reaches it by a topic of its subscription, word for word", () => {
  const payload = { action: "restart" };
  const said = { type: "cmd.ota", payload, deviceId: "feeder-1", eventId: "e1", ts: 5 };
  const { topic, payload: text } = toPublication(said) ?? { topic: undefined, payload: "" };
  const name = topic === undefined ? "" : formatTopic(topic);
  expect(name.startsWith(feederTopics("feeder-1").commands.replace("#", ""))).toBe(true);
  expect(readCommandPublication(name, text)).toEqual(parseServerMessage(JSON.stringify(said)));
});

test("the server's acknowledgement is the same by either way", () => {
  const ack = { bootId: "3-00ff", seq: 7, ts: 1_780_272_000_000 };
  expect(readCommandPublication("skyfeeder/feeder-1/cmd/ack", JSON.stringify(ack))).toEqual({
    type: "ack",
    ...ack,
  });
});

test("a command of a kind that the feeder does not know is no error, even without a payload", () => {
  expect(readCommandPublication("skyfeeder/feeder-1/cmd/dance", "")).toEqual({ type: "other" });
});

test("whatever is published, it is a message or nothing", () => {
  const texts = fc.oneof(fc.string(), fc.json());
  const topics = fc.oneof(fc.string(), fc.constantFrom("s/f/cmd/ack", "s/f/cmd/ota", "s/f/cmd/"));
  fc.assert(
    fc.property(topics, texts, (topic, text) => {
      expect(typeof (readCommandPublication(topic, text)?.type ?? "")).toBe("string");
    }),
  );
});
