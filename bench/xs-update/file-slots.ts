import { NativeAppSlots } from "../../device/esp32/io/app-slots.ts";
import type { AppDescription } from "../../device/esp32/ports.ts";
import { APP_DESCRIPTION_BYTES, parseAppDescription } from "../../protocol/app-description.ts";

/** Header of the image and of its first segment, which begins with the description. */
const DESCRIPTION_AT = 32;

/** The board's slots, but that the other one may be written: the Linux build has none and refuses every update. */
export class FileSlots extends NativeAppSlots {
  override openOther(): boolean {
    return true;
  }

  override selectOther(): boolean {
    return true;
  }

  override readOther(): AppDescription | undefined {
    const bytes = new Uint8Array(APP_DESCRIPTION_BYTES);
    this.otherImage.read(DESCRIPTION_AT, bytes);
    const description = parseAppDescription(bytes);
    if (description === undefined) return undefined;
    const { projectName: project, version, elfSha256 } = description;
    return { project, version, elfSha256, builtAtMs: undefined };
  }
}
