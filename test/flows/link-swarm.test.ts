import { afterAll, expect, test } from "vitest";
import { bothCameras, type TestedCamera } from "./both-cameras.ts";
import { planSwarm, runSwarm } from "./link-swarm.ts";

/** Few: the swarm of the whole system has the same faults on its wires. The long tier has 10,000: npm run test:long. */
const seeds = 40;
const [simulated, compiled] = bothCameras();
afterAll(() => compiled?.close());

async function swarm(camera: TestedCamera | undefined, from: number, count: number) {
  for (let seed = from; seed < from + count; seed++) {
    const plan = planSwarm(seed);
    const options = camera === undefined ? {} : { cameraFirmware: camera.firmware() };
    expect(await runSwarm(plan, options), JSON.stringify(plan)).toBeUndefined();
  }
}

const title = "seeds of faults on the wires and at both ends: nothing corrupt, nothing stuck";

test(`${seeds} ${title}`, () => swarm(simulated, 1, seeds), 60_000 + seeds * 1_000);

/** Each is a process. */
const compiledSeeds = 10;
test.skipIf(compiled === undefined)(
  `${compiledSeeds} ${title}, with the compiled camera`,
  () => swarm(compiled, 1_000_000, compiledSeeds),
  60_000 + compiledSeeds * 2_000,
);
