import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A serial port of this computer. */
export interface KnownPort {
  readonly path: string;
  /** What makes it one, where that is known. */
  readonly adapter: string | null;
  readonly vendorId: string | null;
  readonly productId: string | null;
  readonly serialNumber: string | null;
  readonly mayBeUsed: boolean;
}

/** Vendors of USB whose bridges are on ESP32 boards. */
const ADAPTERS: Readonly<Record<string, string>> = {
  "10c4": "Silicon Labs CP210x",
  "1a86": "WCH CH340 or CH9102",
  "0403": "FTDI",
  "067b": "Prolific PL2303",
  "303a": "Espressif's own USB: no ESP32, but an S2, S3 or C chip",
};

const USB_NAME = /^(ttyUSB|ttyACM|ttyXRUSB|cu\.usb|cu\.SLAB|cu\.wch)/;

/** Those on USB: the ports of a mainboard have no feeder on them. */
export async function listPorts(): Promise<KnownPort[]> {
  const { SerialPort } = await import("serialport");
  // On Linux it asks udev, which containers and small systems do not have.
  const listed = await SerialPort.list().catch(listByName);
  const usb = listed.filter(({ path, vendorId }) => vendorId !== undefined || isUsbName(path));
  const known = usb.map(async ({ path, vendorId, productId, serialNumber }) => ({
    path,
    adapter: ADAPTERS[vendorId?.toLowerCase() ?? ""] ?? null,
    vendorId: vendorId ?? null,
    productId: productId ?? null,
    serialNumber: serialNumber ?? null,
    mayBeUsed: await mayUse(path),
  }));
  return (await Promise.all(known)).sort((a, b) => a.path.localeCompare(b.path));
}

interface ListedPort {
  readonly path: string;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  readonly serialNumber?: string | undefined;
}

async function listByName(): Promise<ListedPort[]> {
  const names = await readdir("/dev").catch(() => []);
  return names.filter((name) => USB_NAME.test(name)).map((name) => ({ path: join("/dev", name) }));
}

function isUsbName(path: string): boolean {
  return USB_NAME.test(path.slice(path.lastIndexOf("/") + 1));
}

/** Of a name that is no file, as COM3, nobody can say before it is opened. */
async function mayUse(path: string): Promise<boolean> {
  if (!path.startsWith("/")) return true;
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}
