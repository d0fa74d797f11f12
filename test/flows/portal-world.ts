import { startVirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { HOME_WIFI } from "../../host-sim/network/home-wifi.ts";
import { filledPicture, numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import type { PhoneAnswer, PhoneRequest } from "../../host-sim/peers/phone.ts";
import { PortalVisitor, type Typed } from "../../host-sim/peers/portal-visitor.ts";
import { SERVER_URL, Stage } from "../../host-sim/stage.ts";

const ID = "24a160c0ffee";
const firmware = bundleFirmware();

/** What somebody types who makes no mistake. */
export const RIGHT: Typed = {
  ssid: HOME_WIFI.ssid,
  password: HOME_WIFI.passphrase,
  server: SERVER_URL,
  name: "Pear tree",
};

/** One feeder, from the factory unless it is said to be set up, and somebody with a phone. */
export async function startPortal(
  options: { isSetUp?: boolean; closedServer?: boolean; typed?: readonly Typed[] } = {},
) {
  const { isSetUp = false, closedServer = false, typed = [] } = options;
  const trace: string[] = [];
  const stage = await Stage.build({
    ...{ seed: 1, pace: "virtual", engine: nodeEngine, deviceIds: [ID], bare: !isSetUp },
    firmware: await firmware,
    view: () => ({ still: numberedPictures(ID, [filledPicture(3_000)]) }),
    startServer: (world) => startVirtualServer(world, undefined, { closedServer }),
    watchTrace: (line) => trace.push(line),
  });
  const [feeder] = stage.feeders;
  if (feeder === undefined) throw new Error("no feeder");
  const { world } = stage;
  const { board, log } = feeder;
  const visitor = new PortalVisitor(world, feeder, typed);
  stage.powerOn();
  const runFor = (ms: number) => world.run(world.nowMs + ms);
  return {
    stage,
    world,
    feeder,
    board,
    visitor,
    trace,
    log,
    runFor,
    portals: () => log.flatMap((line) => /portal: opens: (\w+)/.exec(line)?.[1] ?? []),
    stored: (key: string) => board.nvs.get(`skyfeeder/${key}`),
    ask: async (request: PhoneRequest) => {
      let answered: PhoneAnswer | undefined;
      visitor.phone.ask(request, (answer) => {
        answered = answer;
      });
      await runFor(2_000);
      return answered;
    },
    /** World time of the first heartbeat since then. */
    onlineAtMs: (sinceMs = 0) =>
      stage.server.heard.find(
        ({ atMs, message }) => atMs > sinceMs && message.type === "event.heartbeat",
      )?.atMs,
  };
}
