import type { Command, Result } from "../../amb82-bridge/link/link-messages.ts";
import { CAMERA_WIFI_MS } from "../limits.ts";
import type { Log } from "../ports.ts";

type Step = "stage" | "commit";

/** Gives the camera the feeder's own network, once: a camera that has Wi-Fi says so in its hello. */
export class CameraWifi {
  readonly #network: { readonly ssid: string; readonly password: string } | undefined;
  readonly #send: (command: Command) => void;
  readonly #log: Log;
  #lacking = false;
  #given = false;
  /** Once in each start of the feeder: an attempt costs the camera 6 to 15 s awake. */
  #tried = false;
  #step: Step | undefined;
  #deadlineMs = 0;

  constructor(
    network: { readonly ssid: string; readonly password: string } | undefined,
    send: (command: Command) => void,
    log: Log,
  ) {
    this.#network = network;
    this.#send = send;
    this.#log = log;
  }

  /** It took the network in this start of its own. */
  get given(): boolean {
    return this.#given;
  }

  get busy(): boolean {
    return this.#step !== undefined;
  }

  cameraStarted(capabilities: readonly string[]): void {
    this.#step = undefined;
    this.#given = false;
    this.#lacking = capabilities.includes("clip") && !capabilities.includes("wifi");
  }

  /** What it has does not get it into a network. */
  joinFailed(): void {
    this.#lacking = true;
  }

  abandon(): void {
    this.#step = undefined;
  }

  /** True when the camera has to stay awake for it. */
  begin(nowMs: number): boolean {
    if (this.#network === undefined || this.#tried || !this.#lacking) return false;
    const { ssid, password } = this.#network;
    this.#tried = true;
    this.#step = "stage";
    this.#deadlineMs = nowMs + CAMERA_WIFI_MS;
    this.#send({ op: "wifi_stage", ssid, passphrase: password });
    return true;
  }

  tick(nowMs: number): void {
    if (this.#step !== undefined && nowMs >= this.#deadlineMs) this.end("no answer");
  }

  result({ op, ok, reason = "" }: Result): void {
    if (op !== `wifi_${this.#step}`) return;
    if (!ok) return this.end(reason);
    if (this.#step === "commit") return this.end("");
    this.#step = "commit";
    this.#send({ op: "wifi_commit" });
  }

  private end(problem: string): void {
    this.#step = undefined;
    this.#lacking = false;
    this.#given = problem === "";
    if (this.#given) this.#log.write("info", "camera-wifi", "the camera has the network");
    else this.#log.write("warn", "camera-wifi", `the camera did not take the network: ${problem}`);
  }
}
