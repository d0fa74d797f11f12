import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { MadeCertificate } from "../cli/cert/make-certificate.ts";
import { RunningCommand, skyfeeder } from "./cli/running-command.ts";
import { ROOT } from "./tidy/source-tree.ts";

const ci = readFileSync(join(ROOT, ".ci/run"), "utf8");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/simulator.md",
  "docs/https.md",
  "docs/flashing.md",
  "docs/provisioning.md",
];

/** Every command that these pages show, a line each. */
function shownCommands(): string[] {
  return PAGES.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
      String(block).trim().split("\n"),
    );
  });
}

/** How each is run: here, by .ci/run as it stands there, or with other arguments by test/cli/start.test.ts. */
const RUN_BY: Readonly<Record<string, () => Promise<void> | void>> = {
  "npm ci && npm test": () => expect(ci).toMatch(/\nnpm ci\n(.*\n)?npm test\n/),
  "npm run check": () => expect(ci).toContain("\nnpm run check\n"),
  "npm ci && npm start": () => startsWith(["start"]),
  "npm start -- --visit-every 20s --devices 3": () =>
    startsWith(["start", "--visit-every", "20s", "--devices", "3"]),
  "npm start -- --photos ~/Pictures/birds": () => startsWith(["start"]),
  "npm run -s skyfeeder -- start --help": async () => {
    expect((await skyfeeder("start", "--help")).stdout).toContain("--visit-every");
  },
  "npm run -s skyfeeder -- sim run update": async () => {
    const { stdout } = await skyfeeder("sim", "run", "update");
    expect(stdout).toMatch(/1\.1\.0 confirmed\n/);
    expect(stdout).toMatch(/1\.2\.0 failed sha256_mismatch\n/);
  },
  "npm run -s skyfeeder -- cert": async () => {
    expect((await makesCertificate()).hosts).toContain("localhost");
  },
  "npm run -s skyfeeder -- firmware build --ca certs/ca.pem": async () => {
    const made = await makesCertificate();
    const out = join(certs, "firmware.bin");
    const build = ["firmware", "build", "--ca", made.ca, "--out", out];
    expect(await skyfeeder(...build)).toMatchObject({ code: 0 });
    expect(readFileSync(out, "latin1")).toContain(made.caCertificates.split(":")[1]);
  },
  "npm start -- --tls-cert certs/server.pem --tls-key certs/server-key.pem": async () => {
    const { certificate, key } = await makesCertificate();
    await startsWith(["start", "--tls-cert", certificate, "--tls-key", key]);
  },
  "npm run -s skyfeeder -- cert --renew": async () => {
    expect(await makesCertificate()).toMatchObject({ caIsNew: false });
  },
  // Up to the board, which is nowhere: test/cli/provision has one.
  "npm run -s skyfeeder -- provision --port /dev/ttyUSB0": () => provisionFails([], "no_terminal"),
  'npm run -s skyfeeder -- provision --port /dev/ttyUSB0 --ssid garden --password-file wifi.txt --server http://192.168.1.10:8080 --name "Apple tree" --json':
    () =>
      provisionFails(
        [
          ...["--ssid", "garden", "--password-file", join(certs, "wifi.txt")],
          ...["--server", "http://192.168.1.10:8080", "--name", "Apple tree"],
        ],
        "file_not_found",
      ),
  "npm run -s skyfeeder -- ports": async () => {
    expect(JSON.parse((await skyfeeder("ports", "--json")).stdout)).toBeTypeOf("object");
  },
  // On a board: test/cli/flash/flash-command.test.ts.
  "npm run -s skyfeeder -- flash --image releases/firmware-0.1.0-factory.bin": async () => {
    const { stderr } = await skyfeeder("flash", "--image", join(certs, "none-factory.bin"));
    expect(stderr).toContain("file_not_found");
  },
  "npm run -s skyfeeder -- flash --release 1.2.0": async () => {
    const { stderr } = await skyfeeder(
      ...["flash", "--release", "1.2.0", "--server", "http://127.0.0.1:1"],
    );
    expect(stderr).toContain("server_unreachable");
  },
  "npm run -s skyfeeder -- sim board --rfc2217 4000 --erased --flash chip.bin": async () => {
    const args = ["sim", "board", "--rfc2217", "0", "--erased", "--flash", join(certs, "chip.bin")];
    const board = new RunningCommand(process.execPath, ["cli/skyfeeder.js", ...args]);
    expect(await board.firstLine()).toMatch(/^rfc2217:/);
    expect(await board.interrupt()).toMatchObject({ code: 0 });
  },
  // As far as a board or a server, neither of which is there: test/cli/monitor has both.
  "npm run -s skyfeeder -- monitor --port /dev/ttyUSB0": () =>
    monitorFails(["--port", "/dev/no-such-port"], "port_not_found"),
  "npm run -s skyfeeder -- monitor --port /dev/ttyUSB0 --level warn --tag camera --log board.log":
    () => {
      const options = ["--level", "warn", "--tag", "camera", "--log", join(certs, "board.log")];
      return monitorFails(["--port", "/dev/no-such-port", ...options], "port_not_found");
    },
  "npm run -s skyfeeder -- monitor --port /dev/ttyUSB1 --frames": () =>
    monitorFails(["--port", "/dev/no-such-port", "--frames"], "port_not_found"),
  "npm run -s skyfeeder -- monitor --device feeder-1 --server https://feeders.example": () =>
    monitorFails(["--device", "feeder-1", "--server", "http://127.0.0.1:1"], "server_unreachable"),
  "npm run -s skyfeeder -- sim run photo": () => holds("photo"),
  "npm run -s skyfeeder -- sim run swarm --seeds 1..4": () => holds("swarm", "--seeds", "1..4"),
  "npm run -s skyfeeder -- sim run bad-network --seed 7 --json": () =>
    holds("bad-network", "--seed", "7", "--json"),
  "npm run -s skyfeeder -- sim run test/seeds/swarm-20.json": () =>
    holds("test/seeds/swarm-20.json"),
  // With all of the image: test/flows/update-sweep.test.ts.
  "npm run -s skyfeeder -- sim sweep update": async () => {
    const { stdout } = await skyfeeder("sim", "sweep", "update", "--image-bytes", "300000");
    const [, points, boots] =
      /^(\d+) power cuts .*\n(\d+) boot; in 0 the sequence/.exec(stdout) ?? [];
    expect(Number(points)).toBeGreaterThan(7_000);
    expect(boots).toBe(points);
  },
};

/** In a folder of their own, made by the first of them; and what else these commands keep. */
const certs = mkdtempSync(join(tmpdir(), "skyfeeder-docs-"));
afterAll(() => rmSync(certs, { recursive: true, force: true }));

async function makesCertificate(): Promise<MadeCertificate> {
  const renewing = existsSync(join(certs, "server.pem")) ? ["--renew"] : [];
  const end = await skyfeeder("cert", "--out", certs, "--json", ...renewing);
  expect(end).toMatchObject({ code: 0 });
  return JSON.parse(end.stdout) as MadeCertificate;
}

async function holds(...args: readonly string[]): Promise<void> {
  expect(await skyfeeder("sim", "run", ...args)).toMatchObject({ code: 0 });
}

async function monitorFails(args: readonly string[], code: string): Promise<void> {
  const { stdout } = await skyfeeder("monitor", ...args, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
}

/** The options are understood: the start gets as far as a port that it may not have. */
async function startsWith(args: readonly string[]): Promise<void> {
  expect(scripts.start).toBe("exec node cli/skyfeeder.js start");
  const elsewhere = ["--host", "192.0.2.1", "--insecure", "--data", join(certs, "data")];
  const end = await skyfeeder(...args, ...elsewhere, "--json");
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: "cannot_listen" } });
}

test.each([...new Set(shownCommands())])(
  "%s",
  async (command) => {
    const run = RUN_BY[command];
    expect(run, `nothing runs "${command}"`).toBeDefined();
    await run?.();
  },
  60_000,
);

async function provisionFails(flags: readonly string[], code: string): Promise<void> {
  const given = ["provision", "--port", "/dev/no-such-port", ...flags, "--json"];
  const { stdout } = await skyfeeder(...given);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
}
