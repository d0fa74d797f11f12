import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";

export const scenario: Scenario = {
  about: "Wi-Fi, names, the relay and the server's answers, each failing in its own way",
  hours: 5,
  faults: {
    kinds: [
      "wifi_away",
      "dns_fails",
      "relay_drop",
      "server_refuses",
      "server_silent",
      "http_status",
      "http_stall",
      "answer_lost",
      "answer_cut",
      "http_slow",
      "event_lost",
      "message_lost",
      "clock_step",
    ],
    healedAtHours: 3,
    always: true,
  },
  play(stage) {
    for (let atMs = 5 * MINUTE_MS; atMs < 4 * HOUR_MS; atMs += 10 * MINUTE_MS) {
      stage.at(atMs, () => stage.feeders[0]?.visit(6 * SECOND_MS));
    }
  },
};
