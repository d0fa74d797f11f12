import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const VISITS = [5, 10, 20, 35, 55];
const AWAY_AT_MS = 30 * MINUTE_MS;
const RESTARTS_AT_MS = AWAY_AT_MS + 5 * MINUTE_MS;

export const scenario: Scenario = {
  about: "a feeder on a broker: a broken connection, a power cut, a command for one that is away",
  hours: 1.5,
  props: () => ({ broker: true, nvs: { "skyfeeder/transport": "mqtt" } }),
  faults: [
    { kind: "relay_drop", atMs: 10 * MINUTE_MS + 3 * SECOND_MS },
    { kind: "brownout", feeder: 0, atMs: 20 * MINUTE_MS + 4 * SECOND_MS },
    { kind: "wifi_away", feeder: 0, atMs: AWAY_AT_MS, forMs: 10 * MINUTE_MS },
  ],
  play(stage) {
    const [feeder] = stage.feeders;
    for (const minute of VISITS) {
      stage.at(minute * MINUTE_MS, () => feeder?.visit(6 * SECOND_MS));
    }
    const topic = `skyfeeder/${feeder?.deviceId}/cmd/ota`;
    stage.at(RESTARTS_AT_MS, () => stage.server.say(topic, '{"action":"restart"}'));
    stage.at(1.5 * HOUR_MS - SECOND_MS, () => stage.tell(`${stage.boots.length} boots`));
  },
  ending: (stage) => wrongStatus(stage) ?? repeated(stage) ?? missing(stage),
};

function wrongStatus({ server, feeders: [feeder] }: Stage): string | undefined {
  const text = server.retained.get(`skyfeeder/${feeder?.deviceId}/status`);
  const fellBack = feeder?.log.find((line) => line.includes("not MQTT"));
  return text?.includes('"online"') ? fellBack : `its status is ${text}`;
}

/** In the room every event is heard once, however often it was published. */
function repeated({ server }: Stage): string | undefined {
  const known = new Set<string>();
  const twice = server.heard.find(({ message: { bootId, seq } }) => {
    return bootId !== undefined && known.size === known.add(`${bootId}/${seq}`).size;
  });
  return twice && `the room heard twice: ${JSON.stringify(twice.message)}`;
}

function missing({ boots, acknowledged }: Stage): string | undefined {
  // The first, the one behind the power cut, and the one that was commanded.
  if (boots.length !== 3) return `it booted ${boots.length} times`;
  const { length } = acknowledged;
  return length >= VISITS.length ? undefined : `${length} photos of ${VISITS.length} visits`;
}
