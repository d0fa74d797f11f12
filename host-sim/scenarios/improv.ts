import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import { HOME_WIFI } from "../network/home-wifi.ts";
import { ImprovClient } from "../peers/improv-client.ts";
import type { Scenario } from "../scenario.ts";
import { SERVER_URL } from "../stage.ts";

const WITHIN_MS = MINUTE_MS;
const CODE_LOOK_MS = SECOND_MS;

export const scenario: Scenario = {
  about: "a bare board is given its network, server and name over its cable, and is let in",
  hours: 0.5,
  props: () => ({ bare: true, closedServer: true }),
  play(stage) {
    const [feeder] = stage.feeders;
    if (feeder === undefined) return;
    const { ssid, passphrase: password } = HOME_WIFI;
    const given = { ssid, password, serverUrl: SERVER_URL, name: "Am Häuschen" };
    const client = new ImprovClient(stage.world, feeder.board, given);
    const approveWhenShown = (): void | Promise<void> => {
      if (feeder.claimCode !== undefined) return stage.approve(feeder.deviceId);
      stage.at(stage.world.nowMs + CODE_LOOK_MS, approveWhenShown);
    };
    stage.at(CODE_LOOK_MS, approveWhenShown);
    stage.at(WITHIN_MS, () => stage.tell(client.heard.join(", ")));
    stage.at(10 * MINUTE_MS, () => feeder.visit(6 * SECOND_MS));
  },
  ending({ server, feeders, told, acknowledged }) {
    const name = feeders[0]?.board.nvs.get("skyfeeder/name");
    if (name !== "Am Häuschen") return `its name is ${name}`;
    const first = server.heard.find(({ message }) => message.type === "event.heartbeat");
    if (first === undefined) return `no heartbeat came; the client heard ${told[0]}`;
    if (first.atMs > WITHIN_MS) return `the first heartbeat came after ${first.atMs} ms`;
    return acknowledged.length === 1 ? undefined : "its photo did not arrive";
  },
};
