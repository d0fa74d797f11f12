import type { Engine } from "../engines/guest-port.ts";
import type { WifiCredentials } from "../network/home-wifi.ts";
import type { Internet } from "../network/internet.ts";
import type { CameraBoard } from "../peers/camera.ts";
import type { RandomStream } from "../random.ts";
import type { World } from "../world.ts";
import { boot, flashFactory, readPartitions } from "./bootloader.ts";
import { CameraPort } from "./camera-port.ts";
import { clockCalls, digestCalls, textCalls } from "./clock-calls.ts";
import { Flash } from "./flash.ts";
import { quietLine, type UartFaults } from "./line-noise.ts";
import { parsePartitionCsv } from "./partition-table.ts";
import { Pins, WIRING } from "./pins.ts";
import { type BoardCalls, PowerCycle } from "./power.ts";
import { Radio } from "./radio.ts";
import { COUNTS_PER_GRAM, ScaleModel, TARE_COUNTS } from "./scale.ts";
import { flashCalls, nvsCalls } from "./storage-calls.ts";

const FLASH_BYTES = 4 * 1024 * 1024;
/** From reset to the first line of JavaScript: ROM, bootloader, image verification, XS. */
const BOOT_MS = 350;

/** The PIR falls before it rises again. */
const BETWEEN_BIRDS_MS = 1_000;

export interface Firmware {
  readonly product: string;
  readonly version: string;
  readonly javascript: string;
  readonly partitionCsv: string;
}

export interface BoardOptions {
  readonly deviceId: string;
  readonly serverUrl: string;
  readonly firmware: Firmware;
  readonly engine: Engine;
  /** The camera's supply hangs on a pin of this board. */
  readonly cameraSupply?: boolean;
  readonly log?: (line: string) => void;
}

/** A feeder's ESP32: flash, pins, wires and radio outlive what runs on them. */
export class FeederBoard {
  readonly deviceId: string;
  readonly flash = new Flash(FLASH_BYTES);
  readonly nvs = new Map<string, string>();
  readonly pins: Pins;
  readonly scale = new ScaleModel();
  readonly radio: Radio;
  ticksAtStart = 0;
  readonly uartFaults: UartFaults = quietLine();
  readonly #world: World;
  readonly #engine: Engine;
  readonly #log: ((line: string) => void) | undefined;
  readonly #port: CameraPort;
  readonly #random: RandomStream;
  #power: PowerCycle | undefined;
  #freeAtMs = 0;
  #lastError = "";

  constructor(world: World, internet: Internet, camera: CameraBoard, options: BoardOptions) {
    const { deviceId, firmware } = options;
    this.deviceId = deviceId;
    this.#world = world;
    this.#engine = options.engine;
    this.#log = options.log;
    this.#random = world.random(`entropy/${deviceId}`);
    this.pins = new Pins(world, deviceId);
    this.radio = new Radio(internet);
    this.#port = new CameraPort(world, deviceId, this.uartFaults, (bytes) => camera.receive(bytes));
    camera.wire(this.#port);
    this.pins.watch(WIRING.wakeCamera, (level) => camera.wakePin(level));
    if (options.cameraSupply) {
      this.pins.watch(WIRING.cameraSupply, (level) => camera.supply(level === 1));
      this.nvs.set("skyfeeder/cameraSupplyPin", String(WIRING.cameraSupply));
    }
    flashFactory(this.flash, parsePartitionCsv(firmware.partitionCsv), firmware);
    this.#provision(options, internet.homeWifi);
  }

  /** A bird comes, when the one before has left: the PIR sees it and the perch feels it, until it leaves. */
  visit(stayMs: number, grams: number): void {
    const { nowMs } = this.#world;
    const comesAtMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = comesAtMs + stayMs + BETWEEN_BIRDS_MS;
    if (comesAtMs === nowMs) this.#land(stayMs, grams);
    else this.#world.after(comesAtMs - nowMs, () => this.#land(stayMs, grams));
  }

  #land(stayMs: number, grams: number): void {
    this.scale.grams = grams;
    this.pins.drive(WIRING.presence, 1);
    this.#world.after(stayMs, () => {
      this.scale.grams = 0;
      this.pins.drive(WIRING.presence, 0);
    });
  }

  powerOn(): void {
    const power = new PowerCycle(this.#world, this.ticksAtStart);
    this.#power = power;
    power.after(BOOT_MS, () => this.#start(power));
  }

  powerOff(): void {
    this.#power?.end();
    this.#power = undefined;
  }

  #start(power: PowerCycle): void {
    const image = boot(this.flash);
    if (image === undefined) throw new Error(`${this.deviceId}: no bootable image`);
    this.#world.trace.add(this.#world.nowMs, this.deviceId, `boot ${image.version}`);
    const calls = this.#calls(power);
    const firmware = this.#engine(image.javascript, {
      wallClockMs: () => power.nowMs - power.startedAtMs,
      random: () => this.#random(),
      call: (operation, args) => {
        const call = calls[operation];
        if (call === undefined) throw new Error(`the board has no call "${operation}"`);
        return call(...args) ?? undefined;
      },
    });
    power.dispatch = firmware.dispatch;
  }

  #calls(power: PowerCycle): BoardCalls {
    return {
      ...clockCalls(power),
      ...digestCalls(),
      ...textCalls(),
      ...this.pins.calls(power),
      ...this.scale.calls(),
      ...this.#port.calls(power),
      ...flashCalls(power, this.flash, readPartitions(this.flash)),
      ...nvsCalls(this.nvs),
      ...this.radio.calls(power),
      "board.restart": () => {
        const asked = `${this.deviceId}: the firmware restarted itself after: ${this.#lastError}`;
        this.#world.fail(new Error(asked));
      },
      trace: (text) => this.#hear(String(text)),
    };
  }

  #hear(line: string): void {
    if (line.startsWith("error ")) this.#lastError = line;
    this.#log?.(line);
  }

  #provision(options: BoardOptions, wifi: WifiCredentials): void {
    const stored = {
      deviceId: options.deviceId,
      serverUrl: options.serverUrl,
      ssid: wifi.ssid,
      password: wifi.passphrase,
      scaleTare: String(TARE_COUNTS),
      scalePerGram: String(COUNTS_PER_GRAM),
    };
    for (const [key, value] of Object.entries(stored)) this.nvs.set(`skyfeeder/${key}`, value);
  }
}
