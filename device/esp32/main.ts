import FFI from "mc/ffi";
import { chooseBoot } from "./boot.ts";
import { startFeeder } from "./feeder.ts";
import { installAbortHook } from "./io/abort-hook.ts";
import { NativeAppSlots } from "./io/app-slots.ts";
import { trustAuthorities } from "./io/authorities.ts";
import { openBattery } from "./io/battery.ts";
import { NativeBoard } from "./io/board.ts";
import { BootButton } from "./io/button.ts";
import { openCameraSupply } from "./io/camera-supply.ts";
import { NativeCameraWire } from "./io/camera-wire.ts";
import { openConsoleWire } from "./io/console-wire.ts";
import { UdpServer } from "./io/datagrams.ts";
import { boardEntropy } from "./io/entropy.ts";
import { createEntry } from "./io/entry.ts";
import { BoardFlash } from "./io/flash-partition.ts";
import { BoardHttp } from "./io/http.ts";
import { openKeyValueStore } from "./io/key-value-store.ts";
import { TraceLog } from "./io/log.ts";
import { openManifestKeys } from "./io/manifest-keys.ts";
import { BoardMqtt } from "./io/mqtt.ts";
import { WifiNetwork } from "./io/network.ts";
import { PirSensor } from "./io/presence-sensor.ts";
import { openScale } from "./io/scale.ts";
import { SetupWifi } from "./io/setup-wifi.ts";
import { createSha256 } from "./io/sha256.ts";
import { PwmLed } from "./io/status-led.ts";
import {
  readBatteryPin,
  readCaCertificates,
  readCameraSupplyPin,
  readManifestKeys,
  readSettings,
} from "./io/stored-settings.ts";
import { TcpServer } from "./io/streams.ts";
import { BoardTime } from "./io/time.ts";
import { openWakeLine } from "./io/wake-line.ts";
import { openWallClock } from "./io/wall-clock.ts";
import { BoardWebSockets } from "./io/web-sockets.ts";
import { startSetup } from "./setup.ts";

const traceLog = new TraceLog();
installAbortHook(traceLog);

const native = new FFI();
const enter = createEntry(native, traceLog);
// All of it: what cannot be opened must end in a restart, which takes an image on trial back.
enter(() => {
  const store = openKeyValueStore();
  const board = new NativeBoard(native);
  const settings = readSettings(store, board.mac);
  const ports = {
    time: new BoardTime(enter),
    wallClock: openWallClock(store, trustAuthorities(readCaCertificates(), traceLog), traceLog),
    entropy: boardEntropy,
    appSlots: new NativeAppSlots(native, traceLog),
    board,
    button: new BootButton(enter),
    statusLed: new PwmLed(),
    consoleWire: openConsoleWire(traceLog, enter),
    http: new BoardHttp(enter),
    store,
    log: traceLog,
  };
  const boot = chooseBoot(ports, settings);
  if (boot.kind === "portal") {
    const wifi = new SetupWifi(native, enter);
    const [streams, datagrams] = [new TcpServer(enter), new UdpServer(enter)];
    const setup = { wifiSetup: wifi, accessPoint: wifi, streams, datagrams };
    return startSetup({ ...ports, ...setup }, settings, boot.why);
  }
  const network = new WifiNetwork(settings.wifi, traceLog, enter);
  const feeder = {
    ...ports,
    presence: new PirSensor(enter),
    scale: openScale(native, store),
    wakeLine: openWakeLine(),
    cameraSupply: openCameraSupply(readCameraSupplyPin(store)),
    cameraWire: new NativeCameraWire(native, traceLog),
    spoolFlash: new BoardFlash("spool"),
    battery: openBattery(readBatteryPin(store)),
    manifestKeys: openManifestKeys(readManifestKeys(), traceLog),
    createSha256,
    webSockets: new BoardWebSockets(enter),
    mqtt: new BoardMqtt(enter),
    network,
    wifiSetup: network,
    logFeed: traceLog,
  };
  startFeeder(feeder, settings);
});
