import type { FeederBoard } from "../board/board.ts";
import type { HttpFault } from "../network/http-faults.ts";
import type { Stage } from "../stage.ts";
import type { StagedFeeder } from "../staged-feeder.ts";
import type { World } from "../world.ts";
import { ActiveFaults } from "./active-faults.ts";
import { ArmedFaults } from "./armed-faults.ts";
import { emptyStorage, fillStorage } from "./board-faults.ts";
import type { Fault, FaultKind, FaultOf, FaultPlan } from "./fault.ts";

const NEVER = Number.POSITIVE_INFINITY;
const NOISE_RATES = [
  "bitErrorRate",
  "dropFrameRate",
  "duplicateFrameRate",
  "insertByteRate",
] as const;

/** What a camera refuses to do. */
const CAMERA_SWITCHES = {
  camera_dead: "dead",
  camera_never_wakes: "neverWakes",
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

type PowerCut = FaultOf<"power_cut">;
type ServerCrash = FaultOf<"server_crash">;
/** What ends by itself. */
type Spanning = { readonly forMs: number };

class StageFaults {
  readonly #stage: Stage;
  readonly #otherImage: Uint8Array<ArrayBuffer> | undefined;
  readonly #active = new ActiveFaults<Spanning>();
  readonly #cuts = new Map<FeederBoard, ArmedFaults<PowerCut>>();
  readonly #crashes: ArmedFaults<ServerCrash>;
  /** How long the server stays away behind a crash that was not armed. */
  #crashForMs: number | undefined;

  constructor(stage: Stage, otherImage?: Uint8Array<ArrayBuffer>) {
    this.#stage = stage;
    this.#otherImage = otherImage;
    const { server } = stage;
    this.#crashes = new ArmedFaults((next) => {
      const { when = "before", how = "killed" } = next?.fault ?? {};
      server.crashAt(next === undefined ? NEVER : next.operation - server.operations, when, how);
    });
    server.onCrash = () => this.#crashed();
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
        return this.#hold(fault, (active) => board.radio.setInReach(active.length === 0));
      case "dns_fails":
        return this.#hold(fault, (active) => {
          board.radio.dnsFails = active.length > 0;
        });
      case "uart_noise":
        return this.#spoilWire(feeder, fault);
      case "uart_stall":
        board.uartFaults.stallUntilMs = Math.max(
          board.uartFaults.stallUntilMs,
          world.nowMs + fault.forMs,
        );
        return;
      case "camera_dead":
        camera.die();
        return this.#switchCamera(feeder, fault);
      case "camera_never_wakes":
      case "camera_mute":
      case "camera_blind":
      case "camera_without_wifi":
        return this.#switchCamera(feeder, fault);
      case "camera_reset":
        return camera.reset();
      case "camera_supply_fails":
        return this.#hold(fault, (active) => {
          const { diesAfterBytes = NEVER } = camera.faults;
          if (active.length === 0) camera.faults.diesAfterBytes = undefined;
          else if (active.includes(fault)) {
            camera.faults.diesAfterBytes = Math.min(diesAfterBytes, fault.sentBytes);
          }
        });
      case "power_cut":
        return fault.operation === 0 ? this.#takePower(board, fault) : this.#armCut(board, fault);
      case "brownout":
        return board.reset("brownout");
      case "deep_sleep":
        return board.sleep(fault.forMs);
      case "storage_full":
        return this.#hold(fault, (active) => {
          if (active.length > 0) fillStorage(board);
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
        return this.#hold(fault, (active) => {
          otherImage.image = active.length > 0 ? this.#otherImage : undefined;
        });
      case "server_crash":
        return this.#crash(fault);
      case "clock_step":
        return server.stepClock(fault.byMs);
    }
  }

  #switchCamera({ camera }: StagedFeeder, fault: FaultOf<keyof typeof CAMERA_SWITCHES>): void {
    this.#hold(fault, (active) => {
      camera.faults[CAMERA_SWITCHES[fault.kind]] = active.length > 0;
    });
  }

  /** Until the last of those who took it gives it back. */
  #takePower(board: FeederBoard, cut: PowerCut): void {
    board.powerOff();
    this.#hold(cut, (active) => {
      if (active.length === 0) board.powerOn();
    });
  }

  /** In a later flash operation, if that comes in time. */
  #armCut(board: FeederBoard, cut: PowerCut): void {
    const { world } = this.#stage;
    const armed = this.#cuts.get(board) ?? armCuts(world, board);
    this.#cuts.set(board, armed);
    board.powerCut = () => {
      const fault = armed.next?.fault;
      if (fault === undefined) return;
      armed.remove(fault);
      this.#takePower(board, fault);
    };
    armed.add(cut, board.flash.operations);
    world.after(cut.forMs, () => armed.remove(cut));
  }

  #spoilWire({ board }: StagedFeeder, fault: FaultOf<"uart_noise">): void {
    this.#hold(fault, (active) => {
      const worst = (rate: (typeof NOISE_RATES)[number]) =>
        Math.max(0, ...active.map((one) => one[rate]));
      for (const rate of NOISE_RATES) board.uartFaults[rate] = worst(rate);
    });
  }

  #crash(fault: ServerCrash): void {
    const { server, world } = this.#stage;
    if (fault.operation === 0) {
      this.#crashForMs = fault.forMs;
      return server.crash(fault.how);
    }
    this.#crashes.add(fault, server.operations);
    world.after(fault.forMs, () => this.#crashes.remove(fault));
  }

  /** By what was armed, or by what was not: of an armed one the process has gone in its very operation. */
  #crashed(): void {
    const { server, world } = this.#stage;
    const armed = this.#crashForMs === undefined ? this.#crashes.next?.fault : undefined;
    if (armed !== undefined) this.#crashes.remove(armed);
    const forMs = this.#crashForMs ?? armed?.forMs ?? 0;
    this.#crashForMs = undefined;
    this.#hold({ kind: "server_crash", forMs }, (active) => {
      if (active.length > 0) this.#reach();
      else this.#stage.at(world.nowMs, () => server.start().then(() => this.#reach()));
    });
  }

  /** As the worst of what holds it down says. */
  #reach(): void {
    const { internet } = this.#stage;
    const isHeld = (kind: FaultKind) => this.#active.of(`${kind}/`).length > 0;
    const isDown = isHeld("server_refuses") || isHeld("server_crash");
    const isSilent = isHeld("server_silent");
    if (isDown && internet.reachability !== "refused") internet.breakSockets();
    internet.reachability = isDown ? "refused" : isSilent ? "silent" : "up";
  }

  /** Tells of all that are active of its kind, when it begins and when it ends. */
  #hold<Held extends Spanning & { readonly kind: FaultKind; readonly feeder?: number }>(
    fault: Held,
    apply: (active: readonly Held[]) => void,
  ): void {
    const what = `${fault.kind}/${fault.feeder ?? ""}`;
    const tell = (): void => apply(this.#active.of(what) as readonly Held[]);
    this.#active.begin(what, fault);
    tell();
    this.#stage.world.after(fault.forMs, () => {
      this.#active.end(what, fault);
      tell();
    });
  }
}

function armCuts(world: World, board: FeederBoard): ArmedFaults<PowerCut> {
  return new ArmedFaults((next) => {
    const { atMs = 0, phase = "before" } = next?.fault ?? {};
    const random = world.random(`cut/${board.deviceId}/${atMs}`);
    board.flash.cutPower({ operation: next?.operation ?? NEVER, phase, random });
  });
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
