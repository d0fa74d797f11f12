import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { serveComPort } from "../../../cli/sim/board/com-port-server.ts";
import { startVirtualServer } from "../../../cli/sim/server/virtual-server.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { nodeEngine } from "../../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../../host-sim/firmware.ts";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { Stage } from "../../../host-sim/stage.ts";

export const BARE_ID = "24a160000002";

/** A bare board in real time, behind a port of this computer. */
export async function startBareBoard({ isOn = true, ssid = HOME_WIFI.ssid } = {}) {
  const stage = await Stage.build({
    ...{ seed: 1, pace: "real", engine: nodeEngine, deviceIds: [BARE_ID], bare: true },
    firmware: await bundleFirmware(),
    view: () => ({ still: () => new Uint8Array(3_000) }),
    startServer: (world) => startVirtualServer(world, undefined, { closedServer: true }),
  });
  const [feeder] = stage.feeders;
  if (feeder === undefined) throw new Error("no feeder");
  stage.internet.homeWifi = { ...HOME_WIFI, ssid };
  const server = serveComPort(new SerialBridge(stage.world, feeder.board));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stage.world.run(Number.POSITIVE_INFINITY).catch(expect.unreachable);
  if (isOn) stage.powerOn();
  return {
    feeder,
    port: `rfc2217://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.close();
      stage.world.stop();
    },
  };
}
