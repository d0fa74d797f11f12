import type { FeederBoard } from "../board/board.ts";
import type { HttpFault } from "../network/http-faults.ts";
import type { Stage } from "../stage.ts";
import type { StagedFeeder } from "../staged-feeder.ts";
import { emptyStorage, fillStorage, planCut } from "./board-faults.ts";
import type { Fault, FaultOf, FaultPlan } from "./fault.ts";
import { Overlap } from "./overlap.ts";

const NEVER = Number.POSITIVE_INFINITY;
const QUIET = { bitErrorRate: 0, dropFrameRate: 0, duplicateFrameRate: 0, insertByteRate: 0 };

/** What a camera refuses to do. */
const CAMERA_SWITCHES = {
  camera_dead: "dead",
  camera_mute: "mute",
  camera_blind: "blind",
  camera_without_wifi: "noWifi",
} as const;

/** Plans everything that goes wrong; all that spans a time ends by itself. */
export function injectPlan(
  stage: Stage,
  plan: FaultPlan,
  otherImage?: Uint8Array<ArrayBuffer>,
): void {
  const faults = new StageFaults(stage, otherImage);
  for (const fault of plan) stage.at(fault.atMs, () => faults.begin(fault));
}

class StageFaults {
  readonly #stage: Stage;
  readonly #otherImage: Uint8Array<ArrayBuffer> | undefined;
  readonly #overlap = new Overlap();

  constructor(stage: Stage, otherImage?: Uint8Array<ArrayBuffer>) {
    this.#stage = stage;
    this.#otherImage = otherImage;
  }

  begin(fault: Fault): void {
    if (!("feeder" in fault)) return this.#hitServer(fault);
    const feeder = this.#stage.feeders[fault.feeder];
    if (feeder !== undefined) this.#hitFeeder(feeder, fault);
  }

  #hitFeeder(feeder: StagedFeeder, fault: Extract<Fault, { readonly feeder: number }>): void {
    const { board, camera } = feeder;
    const { world } = this.#stage;
    switch (fault.kind) {
      case "wifi_away":
        return this.#hold(fault, (isAway) => board.radio.setInReach(!isAway));
      case "dns_fails":
        return this.#hold(fault, (fails) => {
          board.radio.dnsFails = fails;
        });
      case "uart_noise":
        return this.#spoilWire(feeder, fault);
      case "uart_stall":
        board.uartFaults.stallUntilMs = world.nowMs + fault.forMs;
        return;
      case "camera_dead":
      case "camera_mute":
      case "camera_blind":
      case "camera_without_wifi":
        return this.#hold(fault, (isSo) => {
          camera.faults[CAMERA_SWITCHES[fault.kind]] = isSo;
        });
      case "camera_reset":
        return camera.reset();
      case "camera_supply_fails":
        return this.#hold(fault, (isWeak) => {
          camera.faults.diesAfterBytes = isWeak ? fault.sentBytes : undefined;
        });
      case "power_cut": {
        const cut = (): void => this.#takePower(board, fault.forMs);
        return fault.operation === 0 ? cut() : planCut(world, board, fault, cut);
      }
      case "brownout":
        return board.reset("brownout");
      case "deep_sleep":
        return board.sleep(fault.forMs);
      case "storage_full":
        return this.#hold(fault, (isFull) => {
          if (isFull) fillStorage(board);
          else emptyStorage(world, board);
        });
    }
  }

  #hitServer(fault: Exclude<Fault, { readonly feeder: number }>): void {
    const { world, internet, server, otherImage, httpFaults } = this.#stage;
    switch (fault.kind) {
      case "relay_drop":
        return internet.breakSockets();
      case "server_refuses":
      case "server_silent":
        return this.#hold(fault, () => this.#reach());
      case "http_status":
      case "http_stall":
      case "http_slow":
      case "answer_lost":
      case "answer_cut":
      case "event_lost":
      case "message_lost":
        world.after(fault.forMs, httpFaults.begin(httpFaultOf(fault), fault.share));
        return;
      case "other_image":
        return this.#hold(fault, (isThere) => {
          otherImage.image = isThere ? this.#otherImage : undefined;
        });
      case "server_crash":
        return this.#crash(fault);
      case "clock_step":
        return server.stepClock(fault.byMs);
    }
  }

  /** Until the last of those who took it gives it back. */
  #takePower(board: FeederBoard, forMs: number): void {
    const what = `power/${board.deviceId}`;
    this.#overlap.begin(what);
    board.powerOff();
    this.#stage.world.after(forMs, () => {
      if (this.#overlap.end(what)) board.powerOn();
    });
  }

  #spoilWire({ board }: StagedFeeder, fault: FaultOf<"uart_noise">): void {
    const { bitErrorRate, dropFrameRate, duplicateFrameRate, insertByteRate } = fault;
    const rates = { bitErrorRate, dropFrameRate, duplicateFrameRate, insertByteRate };
    this.#hold(fault, (isSo) => Object.assign(board.uartFaults, isSo ? rates : QUIET));
  }

  #crash({ operation, when, how, forMs }: FaultOf<"server_crash">): void {
    const { server, world } = this.#stage;
    server.onCrash = () => {
      const crash = { kind: "server_crash", forMs } as const;
      this.#hold(crash, (isDown) => {
        if (isDown) this.#reach();
        else this.#stage.at(world.nowMs, () => server.start().then(() => this.#reach()));
      });
    };
    if (operation === 0) return server.crash(how);
    server.crashAt(operation, when, how);
    world.after(forMs, () => server.crashAt(NEVER, when, how));
  }

  /** As the worst of what holds it down says. */
  #reach(): void {
    const { internet } = this.#stage;
    const isDown = ["server_refuses/", "server_crash/"].some((what) => this.#overlap.holds(what));
    const isSilent = this.#overlap.holds("server_silent/");
    if (isDown && internet.reachability !== "refused") internet.breakSockets();
    internet.reachability = isDown ? "refused" : isSilent ? "silent" : "up";
  }

  /** Of two overlapping faults of one kind the first begins it and the last ends it. */
  #hold(
    fault: { readonly kind: Fault["kind"]; readonly forMs: number; readonly feeder?: number },
    set: (isSo: boolean) => void,
  ): void {
    const what = `${fault.kind}/${fault.feeder ?? ""}`;
    if (this.#overlap.begin(what)) set(true);
    this.#stage.world.after(fault.forMs, () => {
      if (this.#overlap.end(what)) set(false);
    });
  }
}

function httpFaultOf(
  fault: FaultOf<
    | "http_status"
    | "http_stall"
    | "http_slow"
    | "answer_lost"
    | "answer_cut"
    | "event_lost"
    | "message_lost"
  >,
): HttpFault {
  switch (fault.kind) {
    case "http_status":
      return { kind: "status", status: fault.status };
    case "http_stall":
      return { kind: "stall" };
    case "http_slow":
      return { kind: "slow", lateMs: fault.lateMs };
    default:
      return { kind: fault.kind };
  }
}
