import type { UartLine } from "../board/uart.ts";
import type { WifiCredentials } from "../network/home-wifi.ts";
import type { Internet } from "../network/internet.ts";
import type { RandomStream } from "../random.ts";
import type { PlannedEvent, World } from "../world.ts";
import type {
  CameraActivity,
  CameraFirmware,
  CameraHost,
  CameraRun,
  CameraUpload,
  UploadOutcome,
} from "./camera-host.ts";

/** Boot until the sensor runs, without Wi-Fi; the first stack's log has the camera 0.5 s behind Wi-Fi. */
const BOOT_MS = 1_900;
const BOOT_JITTER_MS = 300;
/** The wake pin must be high for so long to count; a glitch is not a wake. */
const WAKE_PULSE_MIN_MS = 50;
/** Measured on the first stack: 5.1 s to 7.5 s from boot to Wi-Fi, 5.6 s median. */
const JOIN_MS = 5_100;
const JOIN_JITTER_MS = 1_000;
const JOIN_TIMEOUT_MS = 15_000;
/** Measured: 769 kB in 1.81 s. */
const UPLINK_BYTES_PER_MS = 430;
const UPLOAD_TIMEOUT_MS = 20_000;
const BOOT_LOG = "== Rtl8735b IoT Platform ==\r\nBoot from flash\r\n";

export interface CameraFaults {
  /** Stays in deep sleep whatever the wake pin does; power for it is what helps. */
  neverWakes: boolean;
  /** Does not come up, with power either. */
  dead: boolean;
  /** Loses power after so many more bytes were sent; once. */
  diesAfterBytes: number | undefined;
  /** A bit of the next picture flips in its memory after it was hashed; once. */
  flipsBit: boolean;
  /** The sensor gives nothing. */
  blind: boolean;
  /** Does what it is told and says nothing of it. */
  mute: boolean;
  /** Out of reach of the garden's Wi-Fi. */
  noWifi: boolean;
  /** Whoever answers for the server ends the connection without a word. */
  uploadsClosed: boolean;
}

/** What the camera sees: JPEG and AVI bytes; without `clip` it is a camera that makes none. */
export interface CameraView {
  still(capturedAtMs: number, quality: number): Uint8Array;
  clip?(capturedAtMs: number, seconds: number, quality: number): Uint8Array;
}

/** What a camera board does with its supply's current. */
export type CameraPhase = "asleep" | "booting" | CameraActivity;

/** An AMB82-Mini: asleep until its wake pin rises, then a camera on the link. */
export class CameraBoard {
  readonly faults: CameraFaults = {
    neverWakes: false,
    dead: false,
    diesAfterBytes: undefined,
    flipsBit: false,
    blind: false,
    mute: false,
    noWifi: false,
    uploadsClosed: false,
  };
  credentials: WifiCredentials | undefined;
  readonly #world: World;
  readonly #name: string;
  readonly #internet: Internet;
  readonly #view: CameraView;
  readonly #firmware: CameraFirmware;
  readonly #phase: (phase: CameraPhase, nowMs: number) => void;
  readonly #random: RandomStream;
  #lines: { readonly toFeeder: UartLine; readonly toCamera: UartLine } | undefined;
  #state: "off" | "asleep" | "booting" | "awake" = "asleep";
  #roseAtMs = 0;
  #boots = 0;
  #run: CameraRun | undefined;
  #planned: PlannedEvent[] = [];

  constructor(
    world: World,
    name: string,
    options: {
      readonly internet: Internet;
      readonly view: CameraView;
      readonly firmware: CameraFirmware;
      readonly phase?: (phase: CameraPhase, nowMs: number) => void;
    },
  ) {
    this.#world = world;
    this.#name = name;
    this.#internet = options.internet;
    this.#view = options.view;
    this.#firmware = options.firmware;
    this.#phase = options.phase ?? (() => {});
    this.#random = world.random(`camera/${name}`);
  }

  get awake(): boolean {
    return this.#state === "awake" || this.#state === "booting";
  }

  /** Connects its UART. */
  wire(lines: { readonly toFeeder: UartLine; readonly toCamera: UartLine }): void {
    this.#lines = lines;
  }

  wakePin(level: 0 | 1): void {
    if (level === 1) this.#roseAtMs = this.#world.nowMs;
    const longEnough = this.#world.nowMs - this.#roseAtMs >= WAKE_PULSE_MIN_MS;
    if (level === 1 || !longEnough || this.#state !== "asleep") return;
    if (!this.faults.neverWakes && !this.faults.dead) this.#boot();
  }

  /** Its supply is switched: what was in memory is gone, and with power it boots. */
  supply(on: boolean): void {
    if (!on) {
      this.#end("off");
    } else if (this.#state === "off") {
      this.#state = "asleep";
      if (!this.faults.dead) this.#boot();
    }
  }

  /** Reset by its watchdog: it forgets what it held and boots again. */
  reset(): void {
    if (!this.awake) return;
    this.#end("asleep");
    this.#boot();
  }

  /** Whatever it was at. */
  die(): void {
    if (this.awake) this.#end("asleep");
  }

  receive(bytes: Uint8Array): void {
    this.#run?.receive(bytes);
  }

  #boot(): void {
    this.#trace("wakes");
    this.#state = "booting";
    this.#enter("booting");
    this.#setRate(115_200);
    this.#lines?.toFeeder.send(new TextEncoder().encode(BOOT_LOG));
    this.#later(BOOT_MS + this.#random() * BOOT_JITTER_MS, () => {
      this.#state = "awake";
      this.#enter("idle");
      this.#run = this.#firmware(this.#host(), ++this.#boots);
    });
  }

  #host(): CameraHost {
    return {
      nowMs: () => this.#world.nowMs,
      later: (delayMs, run) => this.#later(delayMs, run),
      transmit: (bytes) => this.#transmit(bytes),
      roomAtMs: (queuedBytes) => this.#lines?.toFeeder.roomAtMs(queuedBytes) ?? this.#world.nowMs,
      setRate: (bitsPerSecond) => this.#setRate(bitsPerSecond),
      isMute: () => this.faults.mute,
      takeStill: (quality) => this.#take(this.#view.still(this.#world.wallClockMs(), quality)),
      makesClips: this.#view.clip !== undefined,
      takeClip: (seconds, quality) => {
        const clip = this.#view.clip?.(this.#world.wallClockMs(), seconds, quality);
        return this.#take(clip ?? new Uint8Array(0));
      },
      join: (network, done) => this.#join(network, done),
      upload: (network, upload, done) => this.#upload(network, upload, done),
      credentials: () => this.credentials,
      storeCredentials: (credentials) => {
        this.credentials = credentials;
      },
      doing: (activity) => this.#enter(activity),
      trace: (what) => this.#trace(what),
      sleep: () => this.#end("asleep"),
    };
  }

  #take(picture: Uint8Array): Uint8Array {
    if (this.faults.blind) return new Uint8Array(0);
    const bytes = picture.slice();
    if (this.faults.flipsBit) {
      this.faults.flipsBit = false;
      // Behind the back of whoever hashed it: nothing is transmitted before the next event.
      this.#later(0, () => {
        bytes[0] = (bytes[0] as number) ^ 1;
      });
    }
    return bytes;
  }

  #join(network: WifiCredentials, done: (joined: boolean) => void): void {
    const { ssid, passphrase } = this.#internet.homeWifi;
    const isHome = network.ssid === ssid && network.passphrase === passphrase;
    const joins = isHome && !this.faults.noWifi;
    this.#enter("join");
    const durationMs = joins ? JOIN_MS + this.#random() * JOIN_JITTER_MS : JOIN_TIMEOUT_MS;
    this.#later(durationMs, () => done(joins));
  }

  #upload(
    network: WifiCredentials,
    upload: CameraUpload,
    done: (outcome: UploadOutcome) => void,
  ): void {
    this.#join(network, (joined) => {
      if (!joined) return done({ kind: "join_failed" });
      this.#enter("upload");
      const bodyMs = upload.body.length / UPLINK_BYTES_PER_MS;
      this.#later(bodyMs, () => this.#put(upload, done));
    });
  }

  #put({ url, headers, body }: CameraUpload, done: (outcome: UploadOutcome) => void): void {
    if (this.faults.uploadsClosed) return done({ kind: "closed" });
    const timeout = this.#later(UPLOAD_TIMEOUT_MS, () => done({ kind: "timeout" }));
    const run = this.#run;
    const request = {
      url,
      method: "PUT",
      headers: new Headers(headers.map(([name, value]): [string, string] => [name, value])),
      body: body.slice(),
    };
    request.headers.set("content-length", String(body.length));
    const reaches = (): boolean => this.#run === run && !this.faults.noWifi;
    this.#internet.exchange(request, reaches, (answer) => {
      timeout.cancel();
      if (answer.kind === "refused") done({ kind: "connect_failed" });
      else done({ kind: "answered", status: answer.status });
    });
  }

  #transmit(bytes: Uint8Array): void {
    const left = this.faults.diesAfterBytes;
    if (left !== undefined && bytes.length >= left) {
      this.faults.diesAfterBytes = undefined;
      this.#lines?.toFeeder.send(bytes.subarray(0, left));
      this.#trace("dies");
      // Its own call is still on the stack.
      this.#world.after(0, () => this.#end("asleep"));
      return;
    }
    if (left !== undefined) this.faults.diesAfterBytes = left - bytes.length;
    this.#lines?.toFeeder.send(bytes);
  }

  #setRate(bitsPerSecond: number): void {
    if (this.#lines === undefined) return;
    this.#lines.toFeeder.senderBaud = bitsPerSecond;
    this.#lines.toCamera.receiverBaud = bitsPerSecond;
  }

  #end(state: "off" | "asleep"): void {
    this.#trace(state === "off" ? "off" : "sleeps");
    this.#state = state;
    this.#enter("asleep");
    this.#run = undefined;
    this.#lines?.toFeeder.cut();
    for (const event of this.#planned) event.cancel();
    this.#planned = [];
  }

  #enter(phase: CameraPhase): void {
    this.#phase(phase, this.#world.nowMs);
  }

  #later(delayMs: number, run: () => void): PlannedEvent {
    const event = this.#world.after(delayMs, run);
    this.#planned.push(event);
    return event;
  }

  #trace(what: string): void {
    this.#world.trace.add(this.#world.nowMs, `camera/${this.#name}`, what);
  }
}
