import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlannedEvent } from "../world.ts";
import type { CameraFirmware, CameraHost, CameraRun, UploadOutcome } from "./camera-host.ts";
import { bootRecord, inputRecord, type OutputRecord, parseOutput } from "./lock-step-records.ts";

/** One process is one camera board: it is booted again and again. */
export interface CompiledCamera {
  readonly firmware: CameraFirmware;
  close(): void;
}

/** Its transmitter is double buffered: the next frame may come when so little of this one is left. */
const TRANSMIT_FIFO_BYTES = 16;

/**
 * The C++ firmware of device/amb82-bridge/mini as a process in lock step: it answers each record before the world goes
 * on, through pipes that are read and written synchronously, so virtual time never waits for another event loop.
 */
export function startCompiledCamera(program: string, picturesFolder: string): CompiledCamera {
  const pipe = new LockStepPipe(program, picturesFolder);
  return {
    firmware: (host, bootNumber) => new CompiledRun(pipe, host, bootNumber),
    close: () => pipe.close(),
  };
}

class CompiledRun implements CameraRun {
  readonly #pipe: LockStepPipe;
  readonly #host: CameraHost;
  #tick: PlannedEvent | undefined;
  #room: PlannedEvent | undefined;

  constructor(pipe: LockStepPipe, host: CameraHost, bootNumber: number) {
    this.#pipe = pipe;
    this.#host = host;
    this.#exchange(bootRecord(this.#nowMicros(), bootNumber, host.credentials()));
  }

  receive(bytes: Uint8Array): void {
    this.#exchange(inputRecord("bytes", this.#nowMicros(), bytes));
  }

  #exchange(record: Uint8Array): void {
    for (const output of this.#pipe.exchange(record)) this.#take(output);
  }

  #take(output: OutputRecord): void {
    switch (output.kind) {
      case "wire":
        this.#host.transmit(output.bytes);
        this.#planRoom();
        break;
      case "rate":
        this.#host.setRate(output.bitsPerSecond);
        break;
      case "took":
        this.#host.trace(`${output.media} ${output.size} ${output.sha256}`);
        break;
      case "upload":
        this.#upload(output);
        break;
      case "join":
        this.#host.join(output, (joined) => this.#tell("join", Uint8Array.of(joined ? 1 : 2)));
        break;
      case "store":
        this.#host.storeCredentials({ ssid: output.ssid, passphrase: output.passphrase });
        break;
      case "sleep":
        this.#host.sleep();
        break;
      case "end":
        this.#planTick(output.wakeMs);
        break;
    }
  }

  #upload(upload: Extract<OutputRecord, { kind: "upload" }>): void {
    const network = this.#host.credentials();
    if (network === undefined) throw new Error("camera: an upload without a network");
    this.#host.upload(network, upload, (outcome) => this.#tell("upload", outcomeBytes(outcome)));
  }

  #planTick(wakeMs: number): void {
    this.#tick?.cancel();
    if (wakeMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, wakeMs - this.#host.nowMs());
    this.#tick = this.#host.later(delayMs, () => this.#tell("tick"));
  }

  #planRoom(): void {
    this.#room?.cancel();
    const roomInMs = this.#host.roomAtMs(TRANSMIT_FIFO_BYTES) - this.#host.nowMs();
    this.#room = this.#host.later(roomInMs, () => {
      const sentInMs = this.#host.roomAtMs(0) - this.#host.nowMs();
      this.#room = this.#host.later(sentInMs, () => this.#tell("sent"));
      this.#tell("room");
    });
  }

  #tell(kind: Parameters<typeof inputRecord>[0], fields: Uint8Array = new Uint8Array(0)): void {
    this.#exchange(inputRecord(kind, this.#nowMicros(), fields));
  }

  #nowMicros(): bigint {
    return BigInt(Math.round(this.#host.nowMs() * 1000));
  }
}

/** As in UploadOutcome of mini/src/camera_hardware.hpp. */
function outcomeBytes(outcome: UploadOutcome): Uint8Array {
  const codes = { closed: 3, timeout: 4, connect_failed: 5, join_failed: 6, bad_url: 7 } as const;
  if (outcome.kind !== "answered") return Uint8Array.of(codes[outcome.kind], 0, 0);
  const { status } = outcome;
  const code = status >= 200 && status < 300 ? 1 : 2;
  return Uint8Array.of(code, status & 0xff, status >>> 8);
}

/** Two named pipes: only those can be opened for reading and writing that blocks. */
class LockStepPipe {
  readonly #folder = mkdtempSync(join(tmpdir(), "skyfeeder-camera-"));
  readonly #toCamera: number;
  readonly #fromCamera: number;
  #closed = false;

  constructor(program: string, picturesFolder: string) {
    const paths = [join(this.#folder, "in"), join(this.#folder, "out")] as const;
    execFileSync("mkfifo", paths);
    const script = 'exec "$0" --lock-step "$1" < "$2" > "$3"';
    const stdio = ["ignore", "ignore", "inherit"] as const;
    spawn("sh", ["-c", script, program, picturesFolder, ...paths], { stdio: [...stdio] }).unref();
    this.#toCamera = openSync(paths[0], "w");
    this.#fromCamera = openSync(paths[1], "r");
  }

  exchange(record: Uint8Array): OutputRecord[] {
    writeSync(this.#toCamera, record);
    const outputs: OutputRecord[] = [];
    for (;;) {
      const lengthBytes = this.#read(4).readUInt32LE();
      const output = parseOutput(this.#read(lengthBytes));
      outputs.push(output);
      if (output.kind === "end") return outputs;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#toCamera);
    closeSync(this.#fromCamera);
    rmSync(this.#folder, { recursive: true });
  }

  #read(lengthBytes: number): Buffer {
    const bytes = Buffer.alloc(lengthBytes);
    for (let at = 0; at < lengthBytes; ) {
      const count = readSync(this.#fromCamera, bytes, at, lengthBytes - at, null);
      if (count === 0) throw new Error("the camera's process has ended");
      at += count;
    }
    return bytes;
  }
}
