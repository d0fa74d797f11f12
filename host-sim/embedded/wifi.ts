import { callBoard, callForNumber, listen, unlisten } from "./board-port.ts";

/** `embedded:network/interface/wifi` */
export default class WiFi {
  readonly #target: number;

  constructor(options: { onChanged?: (property: "connection" | "address") => void }) {
    this.#target = listen(() => options.onChanged?.("connection"));
    callBoard("wifi.open", this.#target);
  }

  get connection(): number {
    return callForNumber("wifi.connection");
  }

  connect(options: { SSID: string; password?: string }): void {
    callBoard("wifi.connect", options.SSID, options.password ?? "");
  }

  scan(options: {
    onFound: (station: { SSID: string; RSSI: number; security: string }) => void;
    onComplete?: () => void;
  }): void {
    const target = listen((event, [ssid, rssi, security]) => {
      if (event === "found") {
        options.onFound({ SSID: String(ssid), RSSI: Number(rssi), security: String(security) });
      } else {
        unlisten(target);
        options.onComplete?.();
      }
    });
    callBoard("wifi.scan", target);
  }

  disconnect(): void {
    callBoard("wifi.disconnect");
  }
}
