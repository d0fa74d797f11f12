import type { Scenario } from "../scenario.ts";
import { scenario as swarm } from "./swarm.ts";

export const scenario: Scenario = {
  ...swarm,
  about: "the swarm for a feeder on a broker",
  props: (random) => ({
    ...swarm.props?.(random),
    broker: true,
    nvs: { "skyfeeder/transport": "mqtt" },
  }),
};
