import { describe, expect, test } from "vitest";
import { playScenario } from "../../cli/sim/play-scenario.ts";
import { buildProps } from "../../cli/sim/scenario-props.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../host-sim/durations.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { FAULT_KINDS } from "../../host-sim/faults/draw-plan.ts";
import type { Fault } from "../../host-sim/faults/fault.ts";
import type { Scenario } from "../../host-sim/scenario.ts";

const props = await buildProps();

/** Two visits with clips, a release, and a server that stores something every minute. */
const story: Scenario = {
  about: "whatever a fault needs to be seen",
  hours: 1.2,
  props: () => ({ clips: true, cameraSupply: true }),
  async play(stage, { image }) {
    const release = await image("1.1.0");
    stage.at(4 * MINUTE_MS, () => stage.publish(release));
    for (const atMs of [5 * MINUTE_MS, 40 * MINUTE_MS]) {
      stage.at(atMs, () => stage.feeders[0]?.visit(20 * SECOND_MS));
    }
  },
};

async function traceWith(...plan: readonly Fault[]): Promise<string> {
  const { stage } = await playScenario(story, props, { seed: 1, engine: nodeEngine, plan });
  return stage.world.trace.hash();
}

const span = { atMs: 4.9 * MINUTE_MS, forMs: 30 * MINUTE_MS };
const feeder = { feeder: 0 };
const quiet = { bitErrorRate: 0, dropFrameRate: 0, duplicateFrameRate: 0, insertByteRate: 0 };
const noise = { kind: "uart_noise", ...feeder, ...span, ...quiet } as const;
const cut = { kind: "power_cut", ...feeder, ...span, phase: "torn" } as const;
const crash = { kind: "server_crash", ...span, when: "after", how: "power" } as const;
const supply = { kind: "camera_supply_fails", ...feeder, ...span } as const;

/** In the middle of the first visit. */
const duringVisit = { atMs: 5 * MINUTE_MS + 2_900 };

const STRIKING: Readonly<Record<(typeof FAULT_KINDS)[number], Fault>> = {
  wifi_away: { kind: "wifi_away", ...feeder, ...span },
  dns_fails: { kind: "dns_fails", ...feeder, ...span },
  uart_noise: { ...noise, bitErrorRate: 1e-3 },
  uart_stall: { kind: "uart_stall", ...feeder, ...duringVisit, forMs: 3_000 },
  camera_dead: { kind: "camera_dead", ...feeder, ...span },
  camera_never_wakes: { kind: "camera_never_wakes", ...feeder, ...span },
  camera_mute: { kind: "camera_mute", ...feeder, ...span },
  camera_blind: { kind: "camera_blind", ...feeder, ...span },
  camera_without_wifi: { kind: "camera_without_wifi", ...feeder, ...span },
  camera_reset: { kind: "camera_reset", ...feeder, ...duringVisit },
  camera_supply_fails: { ...supply, sentBytes: 1_000 },
  power_cut: { ...cut, operation: 2 },
  brownout: { kind: "brownout", ...feeder, ...duringVisit },
  deep_sleep: { kind: "deep_sleep", ...feeder, ...span },
  storage_full: { kind: "storage_full", ...feeder, ...span },
  relay_drop: { kind: "relay_drop", ...duringVisit },
  server_refuses: { kind: "server_refuses", ...span },
  server_silent: { kind: "server_silent", ...span },
  http_status: { kind: "http_status", ...span, share: 1, status: 500 },
  http_stall: { kind: "http_stall", ...span, share: 1 },
  answer_lost: { kind: "answer_lost", ...span, share: 1 },
  answer_cut: { kind: "answer_cut", ...span, share: 1 },
  http_slow: { kind: "http_slow", ...span, share: 1, lateMs: 5_000 },
  event_lost: { kind: "event_lost", ...span, share: 1 },
  message_lost: { kind: "message_lost", ...span, share: 1 },
  other_image: { kind: "other_image", ...span },
  server_crash: { ...crash, operation: 1 },
  clock_step: { kind: "clock_step", ...duringVisit, byMs: HOUR_MS },
};

const untouched = await traceWith();

test.each(FAULT_KINDS)("%s is seen", async (kind) => {
  expect(await traceWith(STRIKING[kind])).not.toBe(untouched);
});

describe("a fault that comes to nothing takes nothing from another of its kind", () => {
  const idle: readonly Fault[] = [
    { ...noise, atMs: 1_000, forMs: HOUR_MS },
    { ...supply, atMs: 1_000, forMs: HOUR_MS, sentBytes: 900_000 },
    { ...cut, atMs: 1_000, forMs: 5 * MINUTE_MS, operation: 100_000 },
    { ...crash, atMs: 1_000, forMs: 5 * MINUTE_MS, operation: 100_000 },
    { kind: "uart_stall", ...feeder, atMs: duringVisit.atMs + 100, forMs: 10 },
  ];
  test.each(idle)("$kind", async (nothing) => {
    const striking = STRIKING[nothing.kind];
    expect(await traceWith(nothing, striking)).toBe(await traceWith(striking));
  });
});
