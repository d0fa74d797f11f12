import type { OfferedManifest } from "../../protocol/update-messages.ts";
import type { AppPorts } from "../ports.ts";
import type { Refusal } from "../problem-answer.ts";
import { refused } from "../problem-answer.ts";
import type { SerialQueue } from "../serial-queue.ts";
import { releaseByVersion } from "../storage/releases.ts";
import type { DeviceFirmware, Release } from "../storage/schema.ts";
import type { UpdateRows } from "../storage/update-rows.ts";
import type { Offers } from "./offers.ts";
import { releasesFor } from "./offers.ts";
import { chooseRelease, refusalOf } from "./release-choice.ts";
import { RELEASES } from "./release-decisions.ts";
import { signAnew } from "./release-signature.ts";
import { updatableDevice } from "./told-firmware.ts";

/** What an operator's update comes to: undefined when there is nothing for the device to take. */
type Choice = { readonly kind: "chosen"; readonly manifest: OfferedManifest | undefined } | Refusal;

interface Parts {
  readonly rows: UpdateRows;
  readonly offers: Offers;
  readonly turns: SerialQueue;
}

/** A signature's number is the one thing that a new signature changes. */
const ANY_SEQUENCE = { sequence: Number.MAX_SAFE_INTEGER };

/** The release an operator's update means, signed so that the device takes it. */
export class TargetChoice {
  readonly #ports: Pick<AppPorts, "sql" | "clock" | "settings">;
  readonly #parts: Parts;

  constructor(ports: Pick<AppPorts, "sql" | "clock" | "settings">, parts: Parts) {
    this.#ports = ports;
    this.#parts = parts;
  }

  /** The named release, or the newest this device can take. */
  async choose(
    deviceId: string,
    row: DeviceFirmware | undefined,
    version: string | undefined,
  ): Promise<Choice> {
    return this.#parts.turns.run(RELEASES, () => this.#decide(deviceId, row, version));
  }

  async #decide(
    deviceId: string,
    row: DeviceFirmware | undefined,
    version: string | undefined,
  ): Promise<Choice> {
    const release = await (version === undefined
      ? this.#newestFor(row)
      : this.#named(version, row));
    if (release === undefined) return { kind: "chosen", manifest: undefined };
    if ("kind" in release) return release;
    const signed = await this.#signedFor(row, release);
    if ("kind" in signed) return signed;
    const manifest = await this.#parts.offers.of(signed, { kind: "device", deviceId });
    return { kind: "chosen", manifest };
  }

  async #named(version: string, row: DeviceFirmware | undefined): Promise<Release | Refusal> {
    const release = await releaseByVersion(this.#ports.sql, version);
    if (release === undefined) return refused("not_found", `no release ${version}`);
    if (release.blocked_at_ms !== null) return refused("release_blocked");
    if (!hasTold(row)) return release;
    const reason = refusalOf({ ...release, ...ANY_SEQUENCE }, updatableDevice(row, null));
    // What runs may be chosen: the device then stays with it.
    const isTakable = reason === undefined || reason === "already_running";
    return isTakable ? release : refused("release_unsuitable", reason);
  }

  async #newestFor(row: DeviceFirmware | undefined): Promise<Release | undefined> {
    if (!hasTold(row)) return undefined;
    const device = updatableDevice(row, null);
    const releases = await releasesFor(device, this.#parts.rows);
    const signedAnew = releases.map((release) => ({ ...release, ...ANY_SEQUENCE }));
    const chosen = chooseRelease(device, signedAnew);
    return chosen && (await this.#parts.rows.release(chosen.version));
  }

  /** An operator asks once; a poll that did this would use up a sequence each time. */
  async #signedFor(row: DeviceFirmware | undefined, release: Release): Promise<Release | Refusal> {
    const reason = hasTold(row) ? refusalOf(release, updatableDevice(row, null)) : undefined;
    if (reason !== "sequence_too_low" && reason !== "awaits_new_signature") return release;
    const { sql, clock, settings } = this.#ports;
    if (settings.signingKey === undefined) return refused("signing_key_missing");
    return signAnew(sql, settings.signingKey, release, clock.nowMs());
  }
}

/** A row without a version is that of a device that was chosen a release for, and told nothing yet. */
function hasTold(row: DeviceFirmware | undefined): row is DeviceFirmware {
  return row !== undefined && row.version !== null;
}
