import { callBoard, callForNumber, listen } from "./board-port.ts";

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

  disconnect(): void {
    callBoard("wifi.disconnect");
  }
}
