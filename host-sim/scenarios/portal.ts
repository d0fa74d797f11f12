import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import { HOME_WIFI } from "../network/home-wifi.ts";
import { PortalVisitor } from "../peers/portal-visitor.ts";
import type { Scenario } from "../scenario.ts";
import { SERVER_URL } from "../stage.ts";

const { ssid, passphrase: password } = HOME_WIFI;
const TYPED = { ssid, password, server: SERVER_URL, name: "Pear tree" };
const ONLINE_MAX_MS = MINUTE_MS;

export const scenario: Scenario = {
  about: "a board from the factory opens its own network, and is online within a minute by a phone",
  hours: 0.5,
  props: () => ({ bare: true }),
  play(stage) {
    const [feeder] = stage.feeders;
    if (feeder === undefined) return;
    const visitor = new PortalVisitor(stage.world, feeder, [TYPED]);
    visitor.begin();
    stage.at(5 * MINUTE_MS, () => feeder.visit(6 * SECOND_MS));
    stage.at(20 * MINUTE_MS, () => stage.tell(visitor.read.join(", ")));
  },
  ending({ acknowledged, server, told }) {
    const first = server.heard.find(({ message }) => message.type === "event.heartbeat");
    if (first === undefined) return `no heartbeat: ${told[0]}`;
    if (first.atMs > ONLINE_MAX_MS) return `the first heartbeat came after ${first.atMs} ms`;
    return acknowledged.length === 1 ? undefined : "there is no photo";
  },
};
