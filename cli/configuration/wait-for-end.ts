import { setTimeout } from "node:timers/promises";
import { EXIT } from "../failure.ts";
import { failed, type Outcome } from "../outcome.ts";
import { type DeviceConfigAnswer, standing } from "./device-config.ts";

const ASK_EVERY_MS = 1_000;
/** A feeder hears of it within a minute, and tries it for five. */
const PATIENCE_MS = 8 * 60_000;

/** Until the feeder obeys this version, or a newer one; says each step once. */
export async function waitForEnd(
  ask: () => Promise<Outcome<DeviceConfigAnswer>>,
  version: number,
  say: (line: string) => void,
): Promise<Outcome<DeviceConfigAnswer>> {
  const untilMs = performance.now() + PATIENCE_MS;
  let said = "";
  for (;;) {
    const answer = await ask();
    if (answer.kind === "failed") return answer;
    const { reported } = answer.value;
    const step = standing(answer.value);
    const isHeard = reported !== undefined && reported.latest >= version;
    if (isHeard && reported.status === "applied") return answer;
    if (isHeard && reported.status !== "trial") {
      const hint = "npm run -s skyfeeder -- config diff DEVICE";
      return failed(`config_${reported.status}`, step, hint, EXIT.failed);
    }
    if (step !== said) say(step);
    said = step;
    if (performance.now() >= untilMs) {
      const hint = "it is kept: the feeder takes it when it is back; look with config get";
      return failed("timed_out", step, hint, EXIT.timedOut);
    }
    await setTimeout(ASK_EVERY_MS);
  }
}
