/**
 * The firmware's update on the real XS engine, from the offer to the selection of the new image; after each step the
 * heap is marked. bench/xs-update.ts builds it, runs it and reads the marks.
 */
import config from "mc/config";
import FFI from "mc/ffi";
import { serialHttp } from "../../device/esp32/http-lane.ts";
import { installAbortHook } from "../../device/esp32/io/abort-hook.ts";
import { openBattery } from "../../device/esp32/io/battery.ts";
import { NativeBoard } from "../../device/esp32/io/board.ts";
import { BootButton } from "../../device/esp32/io/button.ts";
import { openCameraSupply } from "../../device/esp32/io/camera-supply.ts";
import { NativeCameraWire } from "../../device/esp32/io/camera-wire.ts";
import { createEntry } from "../../device/esp32/io/entry.ts";
import { BoardFlash } from "../../device/esp32/io/flash-partition.ts";
import { BoardHttp } from "../../device/esp32/io/http.ts";
import { openKeyValueStore } from "../../device/esp32/io/key-value-store.ts";
import { TraceLog } from "../../device/esp32/io/log.ts";
import { openManifestKeys } from "../../device/esp32/io/manifest-keys.ts";
import { BoardMqtt } from "../../device/esp32/io/mqtt.ts";
import { WifiNetwork } from "../../device/esp32/io/network.ts";
import { PirSensor } from "../../device/esp32/io/presence-sensor.ts";
import { openScale } from "../../device/esp32/io/scale.ts";
import { createSha256 } from "../../device/esp32/io/sha256.ts";
import { PwmLed } from "../../device/esp32/io/status-led.ts";
import { readManifestKeys, readSettings } from "../../device/esp32/io/stored-settings.ts";
import { BoardTime } from "../../device/esp32/io/time.ts";
import { openWakeLine } from "../../device/esp32/io/wake-line.ts";
import { openWallClock } from "../../device/esp32/io/wall-clock.ts";
import { BoardWebSockets } from "../../device/esp32/io/web-sockets.ts";
import { ServerPlace } from "../../device/esp32/server-place.ts";
import { BootWatch } from "../../device/esp32/update/boot-watch.ts";
import { Updater } from "../../device/esp32/update/updater.ts";
import { withDefaults } from "../../protocol/device-config.ts";
import { MarkedHttp, measureClient, measureExchange } from "./exchanges.ts";
import { FileSlots } from "./file-slots.ts";
import { markHeap, watchHeap } from "./heap.js";

/** Between two steps, so that nothing of the one before is on the stack. */
const PAUSE_MS = 500;

const traceLog = new TraceLog();
installAbortHook(traceLog);
const native = new FFI();
const enter = createEntry(native, traceLog);
enter(() => {
  const store = openKeyValueStore();
  const board = new NativeBoard(native);
  const settings = readSettings(store, board.mac);
  const network = new WifiNetwork(undefined, traceLog, enter);
  const boardHttp = new BoardHttp(enter);
  const ports = {
    time: new BoardTime(enter),
    wallClock: openWallClock(store, undefined, traceLog),
    /** The updater's own first poll is later than ours. */
    entropy: { uniform: () => 0.9 },
    presence: new PirSensor(enter),
    scale: openScale(native, store),
    wakeLine: openWakeLine(),
    cameraSupply: openCameraSupply(undefined),
    statusLed: new PwmLed(),
    cameraWire: new NativeCameraWire(native, traceLog),
    spoolFlash: new BoardFlash("spool"),
    appSlots: new FileSlots(native, traceLog),
    board,
    battery: openBattery(undefined),
    manifestKeys: openManifestKeys(readManifestKeys(), traceLog),
    createSha256,
    http: serialHttp(new MarkedHttp(boardHttp)),
    webSockets: new BoardWebSockets(enter),
    mqtt: new BoardMqtt(enter),
    network,
    wifiSetup: network,
    consoleWire: undefined,
    button: new BootButton(enter),
    store,
    log: traceLog,
    logFeed: traceLog,
  };
  const boots = new BootWatch(ports.board, store, traceLog, false);
  const server = new ServerPlace(ports.time, ports.wallClock, settings.serverUrl);
  const later = (step: () => void) => ports.time.after(PAUSE_MS, step);
  const stallingUrl = String(config.stallingUrl);

  function startUpdater(): void {
    watchHeap();
    markHeap("ports");
    const updater = new Updater(ports, server, settings, boots, {
      config: withDefaults({}),
      window: () => undefined,
      isIdle: () => true,
      report: ({ status }) => {
        if (status === "verified") markHeap("verify");
        if (status === "staged") markHeap("stage");
      },
    });
    updater.start();
    updater.networkChanged(true);
    later(() => measureOthers(() => update(updater)));
  }

  function measureOthers(done: () => void): void {
    measureClient(stallingUrl, () => {
      later(() => {
        markHeap("client_closed");
        measureExchange(boardHttp, ports.time, stallingUrl, () => later(done));
      });
    });
  }

  function update(updater: Updater): void {
    markHeap("idle");
    updater.command({ action: "update", force: false });
  }

  later(startUpdater);
});
