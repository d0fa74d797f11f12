import { setTimeout } from "node:timers/promises";
import { EXIT } from "../failure.ts";
import { type Failed, failed, type Outcome } from "../outcome.ts";
import { type DeviceConfigAnswer, type Reported, standing } from "./device-config.ts";

const ASK_EVERY_MS = 1_000;
/** One that is online hears of it at once, and tries it for five minutes. */
const PATIENCE_MS = 8 * 60_000;

/** Until the feeder obeys this version, or never will; says each step once. */
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
    const isOver = reported !== undefined && reported.status !== "trial";
    if (isOver && reported.version === version) return answer;
    if (isOver && reported.latest >= version) return notInEffect(reported, version, step);
    if (step !== said) say(step);
    said = step;
    if (performance.now() >= untilMs) {
      const hint = "it is kept: the feeder takes it when it is back; look with config get";
      return failed("timed_out", step, hint, EXIT.timedOut);
    }
    await setTimeout(ASK_EVERY_MS);
  }
}

/** The feeder tries the newest that it is told of: what was asked for meanwhile may have come in between. */
function notInEffect({ status, latest }: Reported, version: number, step: string): Failed {
  if (latest === version) {
    const hint = "npm run -s skyfeeder -- config diff DEVICE";
    return failed(`config_${status}`, step, hint, EXIT.failed);
  }
  const message = `version ${version} was superseded by somebody's version ${latest}: ${step}`;
  const hint = "npm run -s skyfeeder -- config get DEVICE, and set again what is missing";
  return failed("config_superseded", message, hint, EXIT.failed);
}
