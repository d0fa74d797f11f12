import { FirmwareDeath } from "../engines/firmware-death.ts";
import type { Engine } from "../engines/guest-port.ts";
import type { Internet } from "../network/internet.ts";
import type { CameraBoard } from "../peers/camera.ts";
import type { RandomStream } from "../random.ts";
import type { PlannedEvent, World } from "../world.ts";
import { appSlotCalls } from "./app-slot-calls.ts";
import { AppSlots } from "./app-slots.ts";
import { analogCalls } from "./battery.ts";
import { type BootloaderBuild, boot, readPartitions } from "./bootloader.ts";
import { CameraPort } from "./camera-port.ts";
import { clockCalls, digestCalls, textCalls } from "./clock-calls.ts";
import { FEEDER_CURRENTS, type FeederPhase } from "./currents.ts";
import { ecdsaCalls } from "./ecdsa.ts";
import { EnergyMeter } from "./energy-meter.ts";
import { type FactoryImage, makeChip, provision } from "./factory.ts";
import { Flash, PowerCut } from "./flash.ts";
import { quietLine, type UartFaults } from "./line-noise.ts";
import { Nvs } from "./nvs.ts";
import type { Partition } from "./partition-table.ts";
import { Perch } from "./perch.ts";
import { Pins, WIRING } from "./pins.ts";
import { type BoardCalls, PowerCycle, Stopped } from "./power.ts";
import { Radio } from "./radio.ts";
import { RESET_REASONS, type ResetReason } from "./reset-reason.ts";
import { RetainedMemory } from "./retained-memory.ts";
import { ScaleModel } from "./scale.ts";
import { findData, flashCalls, nvsCalls, operationMs } from "./storage-calls.ts";

/** From reset to the first line of JavaScript: ROM, bootloader, image verification, XS. */
const BOOT_MS = 350;

export interface Firmware {
  readonly product: string;
  readonly version: string;
  readonly javascript: string;
  readonly partitionCsv: string;
}

export interface BoardOptions {
  readonly deviceId: string;
  readonly serverUrl: string;
  /** A chip is used as it is, its NVS too: it comes from another board. */
  readonly firmware: Firmware | FactoryImage | Flash;
  readonly engine: Engine;
  /** The camera's supply hangs on a pin of this board. */
  readonly cameraSupply?: boolean;
  /** What a provisioned board has in NVS beyond what every one has, by "namespace/key". */
  readonly nvs?: Readonly<Record<string, string>>;
  /**
   * The world fails when the firmware hangs, throws where nobody catches it or restarts behind an error in its log, and
   * when nothing on the flash boots. True, except where a test is about firmware that does.
   */
  readonly bugsAreFatal?: boolean;
  /** What its bootloader was built with; it is never updated. */
  readonly bootloader?: BootloaderBuild;
  readonly log?: (line: string) => void;
}

/** A feeder's ESP32: flash, pins, wires and radio outlive what runs on them. */
export class FeederBoard {
  readonly deviceId: string;
  readonly flash: Flash;
  readonly nvs: Nvs;
  readonly pins: Pins;
  readonly scale = new ScaleModel();
  readonly radio: Radio;
  readonly link: CameraPort;
  readonly meter: EnergyMeter<FeederPhase>;
  ticksAtStart = 0;
  readonly uartFaults: UartFaults = quietLine();
  /** Undefined: nothing is wired to the battery's pin. */
  batteryMillivolts: number | undefined;
  /** A planned power cut has happened; an event of the world. */
  powerCut: () => void = () => {};
  readonly #world: World;
  readonly #engine: Engine;
  readonly #bugsAreFatal: boolean;
  readonly #bootloader: BootloaderBuild | undefined;
  readonly #log: ((line: string) => void) | undefined;
  readonly #random: RandomStream;
  readonly #perch: Perch;
  readonly #retained: RetainedMemory;
  #power: PowerCycle | undefined;
  #resetReason: ResetReason = "powerOn";
  #bricked = false;
  #asleep: PlannedEvent | undefined;
  #lastError = "";

  constructor(world: World, internet: Internet, camera: CameraBoard, options: BoardOptions) {
    const { deviceId } = options;
    this.deviceId = deviceId;
    this.#world = world;
    this.#engine = options.engine;
    this.#bugsAreFatal = options.bugsAreFatal ?? true;
    this.#bootloader = options.bootloader;
    this.#log = options.log;
    this.#random = world.random(`entropy/${deviceId}`);
    this.#retained = new RetainedMemory(world.random(`rtc/${deviceId}`));
    this.pins = new Pins(world, deviceId);
    this.#perch = new Perch(world, this.pins, this.scale);
    this.meter = new EnergyMeter(FEEDER_CURRENTS, "off", world);
    this.radio = new Radio(internet, deviceId, this.meter);
    this.link = new CameraPort(world, deviceId, this.uartFaults, (bytes) => camera.receive(bytes));
    camera.wire(this.link);
    this.pins.watch(WIRING.wakeCamera, (level) => camera.wakePin(level));
    if (options.cameraSupply) {
      this.pins.watch(WIRING.cameraSupply, (level) => camera.supply(level === 1));
    }
    this.flash = makeChip(options.firmware);
    this.flash.watch((operation) => this.#waitForFlash(operationMs(operation)));
    this.nvs = new Nvs(this.flash, findData(readPartitions(this.flash), "nvs"));
    this.nvs.mount();
    if (!(options.firmware instanceof Flash)) provision(this.nvs, options, internet.homeWifi);
  }

  /** Nothing on the flash boots: the bootloader resets for ever. */
  get bricked(): boolean {
    return this.#bricked;
  }

  visit(stayMs: number, grams: number): void {
    this.#perch.visit(stayMs, grams);
  }

  powerOn(): void {
    this.#asleep?.cancel();
    this.flash.restorePower();
    this.#retained.fade();
    this.#boot("powerOn");
  }

  powerOff(): void {
    this.#asleep?.cancel();
    this.#power?.end();
    this.#power = undefined;
    this.meter.breakOff("off");
  }

  /** Deep sleep: RAM is lost, RTC memory and flash are kept; a board without power does not wake. */
  sleep(forMs: number): void {
    if (this.#power === undefined) return;
    this.#trace("sleep");
    this.powerOff();
    this.meter.breakOff("asleep");
    this.#asleep = this.#world.after(forMs, () => this.#boot("deepSleep"));
  }

  /** Whatever runs ends here, and the bootloader chooses anew; nothing for a board without power. */
  reset(reason: Exclude<ResetReason, "powerOn" | "deepSleep">): void {
    if (this.#power === undefined) return;
    this.#trace(`reset ${reason}`);
    this.#boot(reason);
  }

  #boot(reason: ResetReason): void {
    this.#power?.end();
    this.#resetReason = reason;
    this.#lastError = "";
    const power = new PowerCycle(this.#world, this.ticksAtStart);
    this.#power = power;
    this.meter.breakOff("booting");
    power.watchdogBites = () => {
      this.#fail(new Error(`${this.deviceId}: the firmware hangs`), "watchdog");
    };
    power.after(BOOT_MS, () => this.#guard(power, () => this.#start(power)));
  }

  #start(power: PowerCycle): void {
    const booted = boot(this.flash, this.#bootloader);
    this.#bricked = booted.kind !== "booted";
    if (booted.kind !== "booted") return this.#brick(booted.kind);
    this.nvs.mount();
    const { image, slot } = booted;
    this.#trace(`boot ${image.version}`);
    this.meter.enter("alone");
    const calls = this.#calls(power, slot);
    const firmware = this.#engine(image.javascript, {
      operations: Object.keys(calls),
      wallClockMs: () => power.wallClockMs(),
      random: () => this.#random(),
      died: (death) => this.#ended(power, death),
      call: (operation, args) => {
        const call = calls[operation];
        if (call === undefined) throw new Error(`the board has no call "${operation}"`);
        if (power.stopped) throw new Stopped();
        return this.#survive(power, () => Reflect.apply(call, undefined, args) ?? undefined);
      },
    });
    power.atEnd(firmware.end);
    power.dispatch = (target, event, args) =>
      this.#guard(power, () => firmware.dispatch(target, event, args));
  }

  #brick(how: string): void {
    this.#trace(`bricked: ${how}`);
    this.powerOff();
    this.meter.enter("booting");
    const error = new Error(`${this.deviceId}: nothing boots, ${how}`);
    if (this.#bugsAreFatal) this.#world.fail(error);
  }

  /** The firmware's code may end in the middle: by a reset, by a power cut, by a call that never returns. */
  #guard(power: PowerCycle, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#ended(power, error);
    }
  }

  #ended(power: PowerCycle, error: unknown): void {
    if (error instanceof PowerCut) return this.#losePower(power);
    if (power.stopped) return;
    if (error instanceof FirmwareDeath && error.kind === "computation") {
      power.watchdogBites = () => this.#fail(error, "watchdog");
      return this.#guard(power, () => power.stall(Number.POSITIVE_INFINITY));
    }
    // SDK 8.2.3 restarts the board for what nobody catches (fxAbort), it does not panic.
    this.#fail(error, "software");
  }

  /** The firmware must not catch the end of its power and go on. */
  #survive<Value>(power: PowerCycle, call: () => Value): Value {
    try {
      return call();
    } catch (error) {
      if (error instanceof PowerCut) this.#losePower(power);
      throw error;
    }
  }

  /** Of a board without power somebody else has the chip: nobody waits, and it draws nothing here. */
  #waitForFlash(durationMs: number): void {
    if (this.#power === undefined) return;
    this.meter.burst("flash", durationMs);
    this.#power.stall(durationMs);
  }

  #losePower(power: PowerCycle): void {
    if (power !== this.#power) return;
    this.#trace("power cut");
    this.powerOff();
    this.#world.after(0, () => this.powerCut());
  }

  #fail(error: unknown, reason: "software" | "watchdog"): void {
    if (this.#bugsAreFatal) return this.#world.fail(error);
    this.#trace(`fails: ${String(error)}`);
    this.reset(reason);
  }

  #calls(power: PowerCycle, running: Partition): BoardCalls {
    const partitions = readPartitions(this.flash);
    const slots = new AppSlots(this.flash, partitions, running);
    const find = (path: string) => {
      if (path === "running") return running;
      return path === "nextota" ? slots.next : findData(partitions, path);
    };
    return {
      ...clockCalls(power),
      ...digestCalls(),
      ...ecdsaCalls(power),
      ...textCalls(),
      ...this.pins.calls(power),
      ...analogCalls(() => this.batteryMillivolts),
      ...this.scale.calls(),
      ...this.link.calls(power),
      ...flashCalls(power, this.flash, find),
      ...appSlotCalls(power, slots, running, () => this.#restart()),
      ...nvsCalls(this.nvs),
      ...this.#retained.calls(),
      ...this.radio.calls(power),
      "board.reset_reason": () => RESET_REASONS[this.#resetReason],
      "board.restart": () => {
        if (this.#lastError === "" || !this.#bugsAreFatal) return this.#restart();
        const asked = `${this.deviceId}: the firmware restarted itself after: ${this.#lastError}`;
        this.#world.fail(new Error(asked));
      },
      // A wait that feeds no watchdog; only images of tests have one.
      "processor.hang": () => power.stall(Number.POSITIVE_INFINITY),
      trace: (text) => this.#hear(String(text)),
    };
  }

  #restart(): never {
    this.reset("software");
    throw new Stopped();
  }

  #hear(line: string): void {
    if (line.startsWith("error ")) this.#lastError = line;
    this.#log?.(line);
  }

  #trace(what: string): void {
    this.#world.trace.add(this.#world.nowMs, this.deviceId, what);
  }
}
