import type { OfferedManifest } from "../../protocol/update-messages.ts";
import type { AppPorts } from "../ports.ts";
import type { CheckedFirmware } from "../storage/device-firmware.ts";
import type { ReleaseSummary } from "../storage/releases.ts";
import type { Release } from "../storage/schema.ts";
import type { UpdateRows } from "../storage/update-rows.ts";
import type { ImageGrant } from "./image-token.ts";
import { signImageToken } from "./image-token.ts";
import type { UpdatableDevice } from "./release-choice.ts";
import { chooseRelease, runsBlocked } from "./release-choice.ts";
import { keepFresh } from "./release-signature.ts";
import { updatableDevice } from "./told-firmware.ts";
import { versionSortKey } from "./version-sort-key.ts";

type Ports = Pick<AppPorts, "sql" | "clock" | "settings">;

/** What devices are offered, with a signature that holds and a permission to download it. */
export class Offers {
  readonly #ports: Ports;
  readonly #rows: UpdateRows;

  constructor(ports: Ports, rows: UpdateRows) {
    this.#ports = ports;
    this.#rows = rows;
  }

  async toDevice(
    told: CheckedFirmware,
    targetVersion: string | null,
  ): Promise<OfferedManifest | undefined> {
    const device = updatableDevice(told, targetVersion);
    const chosen = chooseRelease(device, await releasesFor(device, this.#rows));
    const release = chosen && (await this.#rows.release(chosen.version));
    return release && this.of(release, { kind: "device", deviceId: told.device_id });
  }

  async of(release: Release, grant: ImageGrant): Promise<OfferedManifest> {
    const { sql, clock, settings } = this.#ports;
    const nowMs = clock.nowMs();
    const fresh = await keepFresh(sql, settings.signingKey, release, nowMs);
    const { version, jws, bytes: size, sha256 } = fresh;
    const token = signImageToken(settings.uploadSecret, grant, { version, nowMs });
    const path = `/firmware/${encodeURIComponent(version)}/image.bin?token=${token}`;
    return { jws, url: `${settings.publicUrl}${path}`, size, sha256, version };
  }
}

/** What `chooseRelease` chooses from for this device. */
export async function releasesFor(
  device: UpdatableDevice,
  rows: UpdateRows,
): Promise<readonly ReleaseSummary[]> {
  const atLeast = await rows.releasesFor(device, versionSortKey(device.version));
  return runsBlocked(device, atLeast) ? rows.releasesFor(device, "") : atLeast;
}
