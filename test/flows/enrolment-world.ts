import { startVirtualServer } from "../../cli/sim/server/virtual-server.ts";
import { nodeEngine } from "../../host-sim/engines/node.ts";
import { bundleFirmware } from "../../host-sim/firmware.ts";
import { galleryOf } from "../../host-sim/gallery.ts";
import { filledPicture, numberedPictures } from "../../host-sim/peers/numbered-pictures.ts";
import type { StageProps } from "../../host-sim/scenario.ts";
import { Stage } from "../../host-sim/stage.ts";
import type { World } from "../../host-sim/world.ts";

const ID = "feeder-1";
const REQUEST = /^(\S+) http\/\S+ ((?:GET|POST|PUT) \S+) \d+$/;
const firmware = bundleFirmware();

interface EnrolmentOptions extends Pick<StageProps, "closedServer" | "broker"> {
  /** What the board has been given beyond its Wi-Fi and server. */
  readonly nvs?: Readonly<Record<string, string>>;
}

/** One feeder that nobody knows, and a server that trusts nobody unless it is said to be open. */
export async function startEnrolment({
  closedServer = true,
  broker = false,
  nvs = {},
}: EnrolmentOptions = {}) {
  const requests: { readonly atMs: number; readonly what: string }[] = [];
  const trace: string[] = [];
  const started = Promise.withResolvers<Awaited<ReturnType<typeof startVirtualServer>>>();
  const stage = await Stage.build({
    ...{ seed: 1, pace: "virtual", engine: nodeEngine, deviceIds: [ID] },
    firmware: await firmware,
    nvs,
    view: () => ({ still: numberedPictures(ID, [filledPicture(3_000)]) }),
    startServer: async (world: World) => {
      const server = await startVirtualServer(world, undefined, { closedServer, broker });
      started.resolve(server);
      return server;
    },
    watchTrace: (line) => {
      trace.push(line);
      const [, atMs, what] = REQUEST.exec(line) ?? [];
      if (what !== undefined) requests.push({ atMs: Number(atMs), what });
    },
  });
  const [feeder] = stage.feeders;
  if (feeder === undefined) throw new Error("no feeder");
  const { world } = stage;
  const { board, log } = feeder;
  const heardSince = (fromMs: number) =>
    stage.server.heard.some(
      ({ atMs, message }) => atMs > fromMs && message.type === "event.heartbeat",
    );
  stage.powerOn();
  return {
    stage,
    world,
    feeder,
    board,
    trace,
    server: await started.promise,
    log,
    token: () => board.nvs.get("skyfeeder/deviceToken"),
    /** Every code it has shown, each once. */
    codes: () =>
      new Set(log.flatMap((line) => /identity: claim code (\S+):/.exec(line)?.[1] ?? [])),
    requests: (what: string, fromMs = 0) =>
      requests.filter((one) => one.atMs >= fromMs && one.what === what).length,
    requestsSince: (fromMs: number) =>
      requests.filter(({ atMs }) => atMs >= fromMs).map(({ what }) => what),
    photos: async () => (await galleryOf(stage.server, ID)).length,
    approve: () => stage.approve(ID),
    revoke: () => stage.revoke(ID),
    deny: () => stage.server.ask(`/v1/enrolments/${feeder.claimCode}/deny`, { method: "POST" }),
    runFor: (ms: number) => world.run(world.nowMs + ms),
    /** Is it heard in the next two minutes? */
    isIn: async () => {
      const fromMs = world.nowMs;
      await world.run(fromMs + 120_000);
      return heardSince(fromMs);
    },
  };
}
