import { WEIGH_IDLE_MS, WEIGH_SETTLING_MS } from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  type MotionInput,
  type MotionState,
  NO_MOTION,
  stepMotion,
  type VisitTrigger,
} from "./motion.ts";

/** Feeds the PIR and the scale to the motion machine; calls `visited` once a visit. */
export function watchPresence(
  ports: Pick<Ports, "time" | "presence" | "scale">,
  visited: (trigger: VisitTrigger, grams: number) => void,
): void {
  const { time, presence, scale } = ports;
  let state: MotionState = NO_MOTION;
  let settling: TimerHandle | undefined;

  function take(input: MotionInput): void {
    const step = stepMotion(state, input, time.monotonicMs());
    state = step.state;
    if (step.settleMs !== undefined) {
      settling?.cancel();
      settling = time.after(step.settleMs, () => take({ kind: "settled" }));
    }
    if (step.visit !== undefined) visited(step.visit.trigger, step.visit.grams);
  }

  function weigh(): void {
    const isSettling = state.phase.kind === "settling";
    time.after(isSettling ? WEIGH_SETTLING_MS : WEIGH_IDLE_MS, weigh);
    const grams = scale.readGrams();
    if (grams !== undefined) take({ kind: "weight", grams });
  }

  presence.start((present) => take({ kind: "pir", present }));
  weigh();
}
