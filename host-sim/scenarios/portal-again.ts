import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import { HOME_WIFI } from "../network/home-wifi.ts";
import { PortalVisitor } from "../peers/portal-visitor.ts";
import type { Scenario } from "../scenario.ts";
import { SERVER_URL } from "../stage.ts";

const PRESSED_AT_MS = 5 * MINUTE_MS;
const CYCLED_AT_MS = 10 * MINUTE_MS;
const ONLINE_MAX_MS = MINUTE_MS;

const { ssid, passphrase: password } = HOME_WIFI;
const typed = (name: string) => [{ ssid, password, server: SERVER_URL, name }];

export const scenario: Scenario = {
  about: "a feeder at work opens its own network for a press, and when its power comes three times",
  hours: 0.5,
  play(stage) {
    const [feeder] = stage.feeders;
    if (feeder === undefined) return;
    const { board } = feeder;
    stage.at(PRESSED_AT_MS, () => board.press(5 * SECOND_MS));
    stage.at(PRESSED_AT_MS + 10 * SECOND_MS, () => {
      new PortalVisitor(stage.world, feeder, typed("Pear tree")).begin();
    });
    for (const turn of [0, 1, 2]) {
      stage.at(CYCLED_AT_MS + turn * 8 * SECOND_MS, () => board.powerOff());
      stage.at(CYCLED_AT_MS + (turn * 8 + 1) * SECOND_MS, () => board.powerOn());
    }
    stage.at(CYCLED_AT_MS + 20 * SECOND_MS, () => {
      stage.tell(String(board.nvs.get("skyfeeder/name")));
      new PortalVisitor(stage.world, feeder, typed("Hedge")).begin();
    });
    stage.at(20 * MINUTE_MS, () => feeder.visit(6 * SECOND_MS));
  },
  ending({ acknowledged, server, feeders, told }) {
    const names = [...told, feeders[0]?.board.nvs.get("skyfeeder/name")].join(", ");
    if (names !== "Pear tree, Hedge") return `it was called ${names}`;
    for (const openedMs of [PRESSED_AT_MS, CYCLED_AT_MS + 17 * SECOND_MS]) {
      const isBack = server.heard.some(
        ({ atMs, message }) =>
          message.type === "event.heartbeat" &&
          atMs > openedMs + 15 * SECOND_MS &&
          atMs < openedMs + ONLINE_MAX_MS,
      );
      if (!isBack) return `it was not back within a minute of ${openedMs} ms`;
    }
    return acknowledged.length === 1 ? undefined : "there is no photo";
  },
};
