import type { DeviceConfig } from "../../../protocol/device-config.ts";
import type { Ports, TimerHandle } from "../ports.ts";
import {
  type MotionInput,
  type MotionState,
  NO_MOTION,
  stepMotion,
  type VisitTrigger,
  weighDelayMs,
} from "./motion.ts";

export interface PresenceEvents {
  visited(trigger: VisitTrigger, grams: number): void;
  /** Once for each visit, when neither the PIR nor the scale has seen the bird for `departureSeconds`. */
  departed(): void;
}

/** Feeds the PIR and the scale to the motion machine. The settings may change at any time. */
export function watchPresence(
  ports: Pick<Ports, "time" | "presence" | "scale">,
  config: DeviceConfig,
  events: PresenceEvents,
): void {
  const { time, presence, scale } = ports;
  let state: MotionState = NO_MOTION;
  let settling: TimerHandle | undefined;
  let leaving: TimerHandle | undefined;
  let weighing: TimerHandle | undefined;
  let presentAtMs = time.monotonicMs();
  let isVisited = false;

  function take(input: MotionInput, nowMs = time.monotonicMs()): void {
    const step = stepMotion(state, input, config, nowMs);
    state = step.state;
    if (state.phase.kind !== "absent") presentAtMs = nowMs;
    if (step.settleMs !== undefined) {
      settling?.cancel();
      settling = time.after(step.settleMs, () => take({ kind: "settled" }));
      // Whom the PIR saw is weighed before it is told of.
      planWeighing(nowMs);
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
      leaving ??= time.after(config.departureSeconds * 1_000, () => {
        leaving = undefined;
        isVisited = false;
        events.departed();
      });
    } else {
      leaving?.cancel();
      leaving = undefined;
    }
  }

  function planWeighing(nowMs: number): void {
    weighing?.cancel();
    weighing = time.after(weighDelayMs(state, nowMs - presentAtMs), weigh);
  }

  function weigh(): void {
    weighing = undefined;
    const nowMs = time.monotonicMs();
    const grams = scale.readGrams();
    if (grams !== undefined) take({ kind: "weight", grams }, nowMs);
    planWeighing(nowMs);
  }

  presence.start((present) => take({ kind: "pir", present }));
  weigh();
}
