import FFI from "mc/ffi";
import { startFeeder } from "./feeder.ts";
import { installAbortHook } from "./io/abort-hook.ts";
import { RingUart } from "./io/camera-uart.ts";
import { boardEntropy } from "./io/entropy.ts";
import { createEntry } from "./io/entry.ts";
import { BoardHttp } from "./io/http.ts";
import { openKeyValueStore } from "./io/key-value-store.ts";
import { traceLog } from "./io/log.ts";
import { WifiNetwork } from "./io/network.ts";
import { PirSensor } from "./io/presence-sensor.ts";
import { openScale } from "./io/scale.ts";
import { createSha256 } from "./io/sha256.ts";
import { SpoolPartition } from "./io/spool-flash.ts";
import { readSettings, readWifiCredentials } from "./io/stored-settings.ts";
import { BoardTime } from "./io/time.ts";
import { openWakeLine } from "./io/wake-line.ts";
import { BoardWebSockets } from "./io/web-sockets.ts";

installAbortHook(traceLog);

const native = new FFI();
const enter = createEntry(native, traceLog);
const store = openKeyValueStore();

const ports = {
  time: new BoardTime(enter),
  entropy: boardEntropy,
  presence: new PirSensor(enter),
  scale: openScale(native, store),
  wakeLine: openWakeLine(),
  cameraUart: new RingUart(native, traceLog),
  spoolFlash: new SpoolPartition(),
  createSha256,
  http: new BoardHttp(enter),
  webSockets: new BoardWebSockets(enter),
  network: new WifiNetwork(readWifiCredentials(store), traceLog, enter),
  store,
  log: traceLog,
};

enter(() => startFeeder(ports, readSettings(store)));
