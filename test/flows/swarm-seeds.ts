import { bothCameras } from "./both-cameras.ts";
import { planSwarm, runSwarm } from "./link-swarm.ts";

/** Runs a range of seeds: node test/flows/swarm-seeds.ts CAMERA FIRST COUNT. Prints a line a failure; exit 1 for any. */
const [name, first, count] = process.argv.slice(2);
const camera = bothCameras().find((candidate) => candidate.name === name);
if (camera === undefined) throw new Error(`no ${name} camera here`);

for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const plan = planSwarm(seed);
  const wrong = await runSwarm(plan, { cameraFirmware: camera.firmware() });
  if (wrong === undefined) continue;
  process.stdout.write(`${name} camera, seed ${seed}: ${wrong}; ${JSON.stringify(plan)}\n`);
  process.exitCode = 1;
}
camera.close();
