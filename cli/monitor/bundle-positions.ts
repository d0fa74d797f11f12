import { SourceMap } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { ROOT, withSourceMap } from "../../host-sim/source-map.ts";

/** Where something was thrown in the bundle of a simulated board. */
const POSITION = /\bfirmware\.js:(\d{1,7}):(\d{1,6})/;

export interface BundlePosition {
  readonly line: number;
  readonly column: number;
}

export function bundlePosition(text: string): BundlePosition | undefined {
  const [, line, column] = POSITION.exec(text) ?? [];
  return line === undefined ? undefined : { line: Number(line), column: Number(column) };
}

/** The lines of this tree's TypeScript; the board is taken to run what this tree builds. */
export class TreePositions {
  #map: Promise<SourceMap> | undefined;

  /** `device/esp32/feeder.ts:60:5`; undefined for what the map does not know. */
  async find({ line, column }: BundlePosition): Promise<string | undefined> {
    this.#map ??= mapOfTree();
    const origin = (await this.#map).findOrigin(line, column);
    if (!("fileName" in origin)) return undefined;
    const path = relative(ROOT, fileURLToPath(origin.fileName));
    return `${path}:${origin.lineNumber}:${origin.columnNumber}`;
  }
}

async function mapOfTree(): Promise<SourceMap> {
  process.setSourceMapsEnabled(true);
  const { javascript } = await bundleFirmware();
  const [, base64 = ""] = withSourceMap(javascript).split(
    "sourceMappingURL=data:application/json;base64,",
  );
  return new SourceMap(JSON.parse(Buffer.from(base64, "base64").toString()));
}
