import type { ConfigReport } from "../../protocol/config-messages.ts";
import { MINUTE_MS, SECOND_MS } from "../durations.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const STAY_MS = 40 * SECOND_MS;
const SLOW_AT_MS = 20 * MINUTE_MS;

export const scenario: Scenario = {
  about: "a feeder is told to take fewer photos, and then to give up a slow server too soon",
  hours: 1,
  play(stage) {
    const [feeder] = stage.feeders;
    if (feeder === undefined) return;
    const { deviceId } = feeder;
    const visit = () => feeder.visit(STAY_MS);
    stage.at(MINUTE_MS, visit);
    stage.at(5 * MINUTE_MS, () => stage.configure(deviceId, { stillsPerVisit: 1 }));
    stage.at(10 * MINUTE_MS, visit);
    stage.at(SLOW_AT_MS, () => {
      stage.httpFaults.begin({ kind: "slow", lateMs: 12 * SECOND_MS }, 1);
      return stage.configure(deviceId, { connectTimeoutSeconds: 10 });
    });
    stage.at(40 * MINUTE_MS, visit);
    stage.at(60 * MINUTE_MS - SECOND_MS, () => tellSteps(stage));
  },
  ending(stage) {
    const ends = reports(stage).map(({ report }) => `${report.latest} ${report.status}`);
    const wanted = "1 trial, 1 applied, 2 trial, 2 rolled_back";
    if (ends.join(", ") !== wanted) return `its settings were ${ends.join(", ")}`;
    const taken = stage.feeders[0]?.stills.length;
    return taken === 5 ? undefined : `${taken} stills were taken of three visits`;
  },
};

function reports({ server }: Stage) {
  return server.heard
    .filter(({ message }) => message.type === "event.config")
    .map(({ atMs, message }) => ({ atMs, report: message.payload as ConfigReport }));
}

function tellSteps(stage: Stage): void {
  for (const { atMs, report } of reports(stage)) {
    const { latest, status, reason = "" } = report;
    stage.tell(`${(atMs / 1000).toFixed(1)} s: ${latest} ${status} ${reason}`.trimEnd());
  }
}
