import { PORTAL_PRESS_MS } from "../limits.ts";
import type { Ports, TimerHandle } from "../ports.ts";

/** A contact that bounces begins anew, which is milliseconds of the press. */
export function watchPress(
  { button, time }: Pick<Ports, "button" | "time">,
  held: () => void,
): void {
  let press: TimerHandle | undefined;
  button.start((isDown) => {
    press?.cancel();
    press = isDown ? time.after(PORTAL_PRESS_MS, held) : undefined;
  });
}
