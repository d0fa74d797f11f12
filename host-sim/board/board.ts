import { FirmwareDeath } from "../engines/firmware-death.ts";
import type { Engine } from "../engines/guest-port.ts";
import type { Internet } from "../network/internet.ts";
import type { CameraBoard } from "../peers/camera.ts";
import { RomLoader } from "../peers/rom-loader.ts";
import type { RandomStream } from "../random.ts";
import type { PlannedEvent, World } from "../world.ts";
import { boardCalls } from "./board-calls.ts";
import type { BoardOptions } from "./board-options.ts";
import { type BootloaderBuild, boot } from "./bootloader.ts";
import { CameraPort } from "./camera-port.ts";
import { ConsoleUart } from "./console-uart.ts";
import { FEEDER_CURRENTS, type FeederPhase } from "./currents.ts";
import { EnergyMeter } from "./energy-meter.ts";
import { makeChip, provision } from "./factory.ts";
import { Flash, PowerCut } from "./flash.ts";
import { quietLine, type UartFaults } from "./line-noise.ts";
import { macOf } from "./mac-address.ts";
import type { Nvs } from "./nvs.ts";
import type { Partition } from "./partition-table.ts";
import { Perch } from "./perch.ts";
import { Pins, WIRING } from "./pins.ts";
import { type BoardCalls, PowerCycle, Stopped } from "./power.ts";
import { Radio } from "./radio.ts";
import type { ResetReason } from "./reset-reason.ts";
import { RetainedMemory } from "./retained-memory.ts";
import { deadEnd, downloadBootText, flashBootText, type RomReset } from "./rom-text.ts";
import { ScaleModel } from "./scale.ts";
import { openNvs, operationMs } from "./storage-calls.ts";

/** From reset to the first line of JavaScript: ROM, bootloader, image verification, XS. */
const BOOT_MS = 350;
/** Nothing boots: until the watchdog of the ROM bites, or the bootloader gives up. */
const RESET_LOOP_MS = 300;

/** A feeder's ESP32: flash, pins, wires and radio outlive what runs on them. */
export class FeederBoard {
  readonly deviceId: string;
  readonly flash: Flash;
  readonly pins: Pins;
  readonly scale = new ScaleModel();
  readonly radio: Radio;
  readonly link: CameraPort;
  readonly console: ConsoleUart;
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
  #nvs: Nvs | undefined;
  #power: PowerCycle | undefined;
  #resetReason: ResetReason = "powerOn";
  #bricked = false;
  #nextBoot: PlannedEvent | undefined;
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
    this.radio = new Radio(world, internet, deviceId, this.meter);
    this.link = new CameraPort(world, deviceId, this.uartFaults, (bytes) => camera.receive(bytes));
    camera.wire(this.link);
    this.console = new ConsoleUart(world, deviceId, options.debuggerHasUart0 === true);
    this.pins.watch(WIRING.wakeCamera, (level) => camera.wakePin(level));
    if (options.cameraSupply) {
      this.pins.watch(WIRING.cameraSupply, (level) => camera.supply(level === 1));
    }
    this.flash = makeChip(options.firmware);
    this.flash.watch((operation) => this.#waitForFlash(operationMs(operation)));
    if (!(options.firmware instanceof Flash)) provision(this.nvs, options, internet.homeWifi);
  }

  /** Nothing on the flash boots: the bootloader resets for ever. */
  get bricked(): boolean {
    return this.#bricked;
  }

  /** Throws for a chip that was never given a partition table. */
  get nvs(): Nvs {
    this.#nvs ??= openNvs(this.flash);
    return this.#nvs;
  }

  visit(stayMs: number, grams: number): void {
    this.#perch.visit(stayMs, grams);
  }

  /** Somebody holds the button. */
  press(holdMs: number): void {
    this.pins.drive(WIRING.button, 0);
    this.#world.after(holdMs, () => this.pins.drive(WIRING.button, 1));
  }

  powerOn(): void {
    this.#nextBoot?.cancel();
    this.flash.restorePower();
    this.#retained.fade();
    this.#boot("powerOn");
  }

  powerOff(): void {
    this.#stop();
    this.console.cut();
    this.meter.breakOff("off");
  }

  /** EN has risen with IO0 high, or low: then the ROM waits for a tool on UART0. */
  release(strapping: "flash" | "download"): void {
    if (strapping === "flash") return this.powerOn();
    this.#trace("download");
    this.flash.restorePower();
    this.meter.enter("booting");
    this.#nvs = undefined;
    this.console.reset();
    this.console.print(downloadBootText("powerOn"));
    new RomLoader({
      world: this.#world,
      uart: this.console,
      flash: this.flash,
      mac: Buffer.from(macOf(this.deviceId), "hex"),
      restart: () => this.#boot("software"),
    });
  }

  /** Deep sleep: RAM is lost, RTC memory and flash are kept; a board without power does not wake. */
  sleep(forMs: number): void {
    if (this.#power === undefined) return;
    this.#trace("sleep");
    this.#stop();
    this.meter.breakOff("asleep");
    this.#nextBoot = this.#world.after(forMs, () => this.#boot("deepSleep"));
  }

  /** Whatever runs ends here, and the bootloader chooses anew; nothing for a board without power. */
  reset(reason: Exclude<ResetReason, "powerOn" | "deepSleep">): void {
    if (this.#power === undefined) return;
    this.#trace(`reset ${reason}`);
    this.#boot(reason);
  }

  #stop(): void {
    this.#nextBoot?.cancel();
    this.#power?.end();
    this.#power = undefined;
  }

  #boot(reason: ResetReason, shown: RomReset = reason): void {
    this.#power?.end();
    this.console.reset();
    if (this.console.isPlugged) this.console.print(flashBootText(this.flash, shown));
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
    if (!this.console.isPlugged) return;
    const { text, reset } = deadEnd(this.flash);
    this.console.print(text);
    this.#nextBoot = this.#world.after(RESET_LOOP_MS, () => this.#boot("powerOn", reset));
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

  #calls(power: PowerCycle, slot: Partition): BoardCalls {
    return boardCalls(this, {
      power,
      slot,
      resetReason: this.#resetReason,
      retained: this.#retained,
      restart: () => this.#restart(),
      askedToRestart: () => {
        if (this.#lastError === "" || !this.#bugsAreFatal) return this.#restart();
        const asked = `${this.deviceId}: the firmware restarted itself after: ${this.#lastError}`;
        this.#world.fail(new Error(asked));
      },
      hear: (line) => this.#hear(line),
    });
  }

  #restart(): never {
    this.reset("software");
    throw new Stopped();
  }

  #hear(line: string): void {
    if (line.startsWith("error ")) this.#lastError = line;
    this.console.print(line);
    this.#log?.(line);
  }

  #trace(what: string): void {
    this.#world.trace.add(this.#world.nowMs, this.deviceId, what);
  }
}
