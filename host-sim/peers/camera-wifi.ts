import type { WifiCredentials } from "../network/home-wifi.ts";
import type { PlannedEvent } from "../world.ts";
import type { CameraHost } from "./camera-host.ts";

/** A stage that nobody commits is dropped. */
const STAGE_MS = 60_000;
const SSID_BYTES_MAX = 32;

/** Credentials are tried before they are kept: a wrong passphrase never replaces a right one. */
export class CameraWifi {
  readonly #host: CameraHost;
  #staged: WifiCredentials | undefined;
  #expiry: PlannedEvent | undefined;
  #joining = false;

  constructor(host: CameraHost) {
    this.#host = host;
  }

  get joining(): boolean {
    return this.#joining;
  }

  get state(): "none" | "staged" | "ready" {
    if (this.#staged !== undefined) return "staged";
    return this.#host.credentials() === undefined ? "none" : "ready";
  }

  /** `done` gets a reason of docs/link.md when the network was not staged. */
  stage({ ssid, passphrase }: WifiCredentials, done: (reason: string | undefined) => void): void {
    if (!isBetween(byteLength(ssid), 1, SSID_BYTES_MAX)) return done("ssid_length");
    if (!isPassphrase(passphrase)) return done("passphrase_length");
    if (this.#joining) return done("busy");
    this.#joining = true;
    this.#host.join({ ssid, passphrase }, (joined) => {
      this.#joining = false;
      if (!joined) return done("join_failed");
      this.#expiry?.cancel();
      this.#staged = { ssid, passphrase };
      this.#expiry = this.#host.later(STAGE_MS, () => this.#drop());
      done(undefined);
    });
  }

  commit(): string | undefined {
    if (this.#staged === undefined) return "no_stage";
    this.#host.storeCredentials(this.#staged);
    return this.#drop();
  }

  abort(): string | undefined {
    return this.#staged === undefined ? "no_stage" : this.#drop();
  }

  #drop(): undefined {
    this.#expiry?.cancel();
    this.#staged = undefined;
  }
}

/** WPA2: 8 to 63 characters, or the key itself as 64 hex digits; none for an open network. */
function isPassphrase(text: string): boolean {
  const length = byteLength(text);
  return length === 0 || isBetween(length, 8, 63) || /^[0-9a-fA-F]{64}$/.test(text);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
