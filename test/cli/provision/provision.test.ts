import { describe, expect, test } from "vitest";
import { wantedByFlags } from "../../../cli/provision/flags.ts";
import { provision } from "../../../cli/provision/provision.ts";
import type { LineEnd, SerialLine } from "../../../cli/serial/serial-line.ts";
import { SerialBridge } from "../../../host-sim/board/serial-bridge.ts";
import { MINUTE_MS, SECOND_MS } from "../../../host-sim/durations.ts";
import { HOME_WIFI } from "../../../host-sim/network/home-wifi.ts";
import { SERVER_URL } from "../../../host-sim/stage.ts";
import { BARE_ID, startDesk, whenOver } from "../../flows/improv-world.ts";
import { NEW, offeredUpdate, runs, until } from "../../flows/updates.ts";

const { ssid, passphrase } = HOME_WIFI;

/** The desk's cable, in the world's own time. */
function cableOf(bridge: SerialBridge) {
  const { promise: ended, resolve: end } = Promise.withResolvers<LineEnd>();
  const line: SerialLine = {
    path: "/dev/desk",
    hasControlLines: true,
    hear: () => {},
    ended,
    write: async (bytes) => {
      bridge.write(bytes);
      return true;
    },
    setSignals: async () => true,
    setBaudRate: async () => true,
    close: async () => end("closed"),
  };
  bridge.hear = (bytes) => line.hear(bytes);
  return { line, end };
}

function provisionAt(
  desk: { readonly bridge: SerialBridge },
  given: { ssid?: string; server?: string; name?: string },
  password = passphrase,
) {
  const { line, end } = cableOf(desk.bridge);
  const said: string[] = [];
  const wanted = wantedByFlags({ port: line.path, ssid, ...given }, password);
  if (wanted.kind === "failed") throw new Error(wanted.failure.message);
  const outcome = provision(line, wanted.value, (text) => said.push(text));
  return { outcome, said, end };
}

describe("a bare feeder", () => {
  test("is given all it needs, and its claim code is told", async () => {
    const desk = await startDesk({ closedServer: true });
    const given = { server: SERVER_URL, name: "Am Häuschen" };
    const { outcome, said } = provisionAt(desk, given);
    const answer = await desk.when(outcome);
    expect(answer).toEqual({
      kind: "done",
      value: {
        ...{ deviceId: BARE_ID, ssid, serverUrl: SERVER_URL },
        claimCode: desk.stage.feeders[0]?.claimCode,
      },
    });
    expect(answer).toMatchObject({ value: { claimCode: expect.stringMatching(/^\w{4}-\w{4}$/) } });
    expect(desk.board.nvs.get("skyfeeder/name")).toBe("Am Häuschen");
    expect(said.join("\n")).not.toContain(passphrase);
  });

  test("needs no code where the server trusts whoever asks, and is called by its name there", async () => {
    const desk = await startDesk();
    const given = { server: SERVER_URL, name: "Am Häuschen" };
    const answer = await desk.when(provisionAt(desk, given).outcome);
    expect(answer).toMatchObject({ kind: "done", value: { claimCode: null } });
    await desk.runFor(60 * SECOND_MS);
    const { devices } = await (await desk.stage.server.ask("/v1/devices")).json();
    expect(devices).toMatchObject([{ deviceId: BARE_ID, name: "Am Häuschen" }]);
    const names = desk
      .heartbeats()
      .map(({ message }) => (message.payload as { name?: string }).name);
    expect(names.slice(0, 2)).toEqual(["Am Häuschen", undefined]);
  });

  test("that waits long to be let in is called by its name all the same", async () => {
    const desk = await startDesk({ closedServer: true });
    const given = { server: SERVER_URL, name: "Am Häuschen" };
    await desk.when(provisionAt(desk, given).outcome);
    await desk.runFor(5 * MINUTE_MS);
    await desk.stage.approve(BARE_ID);
    await desk.runFor(5 * MINUTE_MS);
    const { devices } = await (await desk.stage.server.ask("/v1/devices")).json();
    expect(devices).toMatchObject([{ deviceId: BARE_ID, name: "Am Häuschen" }]);
  });

  test.each([
    ["a password that is not its", ssid, "not-the-passphrase", "wrong_password", 1],
    ["a network that it does not hear", "attic", passphrase, "network_not_found", 4],
    ["a network that leases nothing", "orchard-guest", "", "no_address", 1],
  ])("with %s says so", async (_, name, password, code, exitCode) => {
    const desk = await startDesk();
    const given = { ssid: name, server: SERVER_URL };
    const answer = await desk.when(provisionAt(desk, given, password).outcome);
    expect(answer).toMatchObject({ kind: "failed", failure: { code, exitCode } });
  });

  test("without a server is not joined anywhere", async () => {
    const desk = await startDesk();
    const answer = await desk.when(provisionAt(desk, {}).outcome);
    expect(answer).toMatchObject({ failure: { code: "no_server", exitCode: 2 } });
    expect(desk.kept().wifi).toBeUndefined();
  });

  test("whose cable is pulled leaves a clear word", async () => {
    const desk = await startDesk();
    const { outcome, end } = provisionAt(desk, { server: SERVER_URL });
    desk.world.after(2 * SECOND_MS, () => {
      desk.bridge.unplug();
      end("unplugged");
    });
    expect(await desk.when(outcome)).toMatchObject({ failure: { code: "port_unplugged" } });
  });
});

test("a feeder that moves is not shown to its new server with the old one's token", async () => {
  const desk = await startDesk({
    bare: false,
    nvs: { "skyfeeder/deviceToken": "old.server.token" },
  });
  desk.bridge.hear = () => {};
  const moved = "http://server.test:80";
  const answer = await desk.when(provisionAt(desk, { server: moved }).outcome);
  expect(answer).toMatchObject({ kind: "done", value: { serverUrl: moved } });
  expect(desk.board.nvs.get("skyfeeder/serverUrl")).toBe(moved);
  expect(desk.board.nvs.get("skyfeeder/deviceToken")).toBeUndefined();
});

test("a feeder that tries an update keeps its server and its token, and the update succeeds", async () => {
  const nvs = { "skyfeeder/deviceToken": "its.server.token" };
  const system = await offeredUpdate({ nvs });
  const { world, board, path, log, stages } = system;
  board.powerOn();
  const isPending = () => stages().at(-1)?.status === "pending";
  path.intercept = ({ url }) => {
    const isGate = isPending() && url.endsWith("/ota/heartbeat");
    return isGate ? new Response(null, { status: 503 }) : undefined;
  };
  expect(await until(system, isPending)).toBe(true);
  const bridge = new SerialBridge(world, board);
  const { outcome } = provisionAt({ bridge }, { server: "http://moved.test" });
  expect(await whenOver(world, outcome)).toMatchObject({
    failure: {
      code: "update_on_trial",
      exitCode: 1,
      hint: expect.stringContaining("five minutes"),
    },
  });
  expect(log.at(-1)).toContain("improv: no other server while an update is on trial");
  expect(board.nvs.get("skyfeeder/deviceToken")).toBe("its.server.token");
  path.intercept = () => undefined;
  expect(await until(system, () => runs(system, NEW))).toBe(true);
});
