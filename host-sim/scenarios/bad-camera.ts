import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  about: "a camera that dies, falls silent, goes blind, and a wire that garbles what it says",
  hours: 5,
  props: (random) => ({ clips: true, cameraSupply: random() < 0.5 }),
  faults: {
    kinds: [
      "camera_dead",
      "camera_never_wakes",
      "camera_mute",
      "camera_blind",
      "camera_reset",
      "camera_supply_fails",
      "camera_without_wifi",
      "uart_noise",
      "uart_stall",
    ],
    healedAtHours: 3,
    always: true,
  },
  play(stage, { random }) {
    for (let atMs = 5 * MINUTE_MS; atMs < 4 * HOUR_MS; atMs += 10 * MINUTE_MS) {
      const stayMs = SECOND_MS + Math.floor(random() * 40 * SECOND_MS);
      stage.at(atMs, () => stage.feeders[0]?.visit(stayMs));
    }
  },
};
