import { DEPARTURE_MS, WEIGH_IDLE_MS, WEIGH_SETTLING_MS } from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  type MotionInput,
  type MotionState,
  NO_MOTION,
  stepMotion,
  type VisitTrigger,
} from "./motion.ts";

export interface PresenceEvents {
  visited(trigger: VisitTrigger, grams: number): void;
  /** Once for each visit, when neither the PIR nor the scale has seen the bird for DEPARTURE_MS. */
  departed(): void;
}

/** Feeds the PIR and the scale to the motion machine. */
export function watchPresence(
  ports: Pick<Ports, "time" | "presence" | "scale">,
  events: PresenceEvents,
): void {
  const { time, presence, scale } = ports;
  let state: MotionState = NO_MOTION;
  let settling: TimerHandle | undefined;
  let leaving: TimerHandle | undefined;
  let isVisited = false;

  function take(input: MotionInput): void {
    const step = stepMotion(state, input, time.monotonicMs());
    state = step.state;
    if (step.settleMs !== undefined) {
      settling?.cancel();
      settling = time.after(step.settleMs, () => take({ kind: "settled" }));
    }
    if (step.visit !== undefined) {
      isVisited = true;
      events.visited(step.visit.trigger, step.visit.grams);
    }
    watchLeaving();
  }

  function watchLeaving(): void {
    const absent = state.phase.kind === "absent";
    if (absent && isVisited) {
      leaving ??= time.after(DEPARTURE_MS, () => {
        leaving = undefined;
        isVisited = false;
        events.departed();
      });
    } else {
      leaving?.cancel();
      leaving = undefined;
    }
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
