import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { serveComPort } from "../../../cli/sim/board/com-port-server.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { Internet } from "../../../host-sim/network/internet.ts";
import { World } from "../../../host-sim/world.ts";
import { imageOf, noServer, PARTITIONS, placeBoard } from "../../host-sim/small-firmware.ts";

/** ROM, bootloader and the first lines of the firmware. */
const STARTED_MS = 700;

/** A board in real time, switched on, whose UART0 is a port of this computer. */
export async function startBoard(source: string) {
  const world = new World({ seed: 1, pace: "real", startedAtMs: 0 });
  const port = { request: async () => noServer(), connect: () => ({ send() {}, close() {} }) };
  const internet = new Internet(world, port);
  const image = await imageOf(source);
  const { board } = placeBoard({ world, internet }, { image, slot: 0, partitionCsv: PARTITIONS });
  const bridge = new SerialBridge(world, board);
  board.powerOn();
  // A monitor that comes in time for the start itself would hear one more than a test counts.
  await world.run(STARTED_MS);
  const cable = await plugIn(bridge, 0);
  world.run(Number.POSITIVE_INFINITY).catch(expect.unreachable);
  let pull = cable.pull;
  return {
    path: `rfc2217://127.0.0.1:${cable.tcpPort}`,
    board,
    bridge,
    pull: () => pull(),
    plugInAgain: async () => {
      ({ pull } = await plugIn(bridge, cable.tcpPort));
    },
    stop: () => {
      pull();
      world.stop();
    },
  };
}

async function plugIn(bridge: SerialBridge, tcpPort: number) {
  const sockets: { destroy(): void }[] = [];
  const server = serveComPort(bridge).on("connection", (socket) => sockets.push(socket));
  server.listen(tcpPort, "127.0.0.1");
  await once(server, "listening");
  const pull = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { tcpPort: (server.address() as AddressInfo).port, pull };
}
