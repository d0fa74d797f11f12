import { expect, test } from "vitest";
import { MQTT_ATTEMPTS_MAX, MQTT_RETRY_MS } from "../../../device/esp32/limits.ts";
import {
  FIRST_TRIAL,
  heardTrial,
  type MqttTrial,
  nextTrial,
} from "../../../device/esp32/session/mqtt-trial.ts";

const URL = "mqtt://broker.test";
const UNREACHABLE = { kind: "relay", because: "mqtt_unreachable", untilMs: MQTT_RETRY_MS } as const;

/** The connections of one feeder, one after the other at time 0. */
function connections(count: number, trial = FIRST_TRIAL): MqttTrial {
  let next = trial;
  for (let one = 0; one < count; one++) next = nextTrial(next, URL, 0);
  return next;
}

test("goes by the broker as often as it may be silent, and then by the relay", () => {
  expect(connections(MQTT_ATTEMPTS_MAX).kind).toBe("mqtt");
  expect(connections(MQTT_ATTEMPTS_MAX + 1)).toEqual(UNREACHABLE);
});

test("a word of the server on one connection pays for the silence of all before", () => {
  const heard = heardTrial(connections(MQTT_ATTEMPTS_MAX));
  expect(connections(MQTT_ATTEMPTS_MAX, heard).kind).toBe("mqtt");
});

test("goes by the relay at once where discovery names no broker", () => {
  expect(nextTrial(FIRST_TRIAL, undefined, 5)).toEqual({
    kind: "relay",
    because: "no_mqtt_url",
    untilMs: 5 + MQTT_RETRY_MS,
  });
});

test("stays on the relay for its time, whatever is heard there, and then has all attempts again", () => {
  const fallen = heardTrial(connections(MQTT_ATTEMPTS_MAX + 1));
  expect(nextTrial(fallen, URL, MQTT_RETRY_MS - 1)).toBe(fallen);
  const again = nextTrial(fallen, URL, MQTT_RETRY_MS);
  expect(again.kind).toBe("mqtt");
  expect(connections(MQTT_ATTEMPTS_MAX - 1, again).kind).toBe("mqtt");
});
