import { callBoard, callForNumber, listen, unlisten } from "./board-port.ts";

type Message = "connect" | "gotIP" | "disconnect" | "station_connect" | "station_disconnect";

interface FoundStation {
  readonly ssid: string;
  readonly rssi: number;
  readonly authentication: string;
}

/** `wifi`, the SDK's older module: it alone has a network of its own. */
export default class WiFi {
  constructor(_options: undefined, callback: (message: Message, reason?: number) => void) {
    const target = listen((event, [reason]) => {
      if (event === "disconnect") callback(event, Number(reason));
      else callback(event as Message);
    });
    callBoard("legacy_wifi.watch", target);
  }

  static get mode(): number {
    return callForNumber("legacy_wifi.mode");
  }

  static set mode(mode: number) {
    callBoard("legacy_wifi.set_mode", mode);
  }

  static scan(_options: object, callback: (station: FoundStation | null) => void): void {
    const target = listen((event, [ssid, rssi, authentication]) => {
      if (event === "found") {
        callback({
          ssid: String(ssid),
          rssi: Number(rssi),
          authentication: String(authentication),
        });
      } else {
        unlisten(target);
        callback(null);
      }
    });
    callBoard("legacy_wifi.scan", target);
  }

  static connect(options?: { ssid: string; password?: string }): void {
    if (options === undefined) callBoard("legacy_wifi.disconnect");
    else callBoard("legacy_wifi.connect", options.ssid, options.password ?? "");
  }

  static disconnect(): void {
    WiFi.connect();
  }

  static accessPoint(options: { ssid: string; password: string; station?: boolean }): void {
    const { ssid, password, station = false } = options;
    callBoard("legacy_wifi.access_point", ssid, password, station);
  }
}
