import autocannon from "autocannon";

const CONNECTIONS = 32;

/** Requests a second that were answered with 2xx; any other answer is a failure of the benchmark. */
export async function measureRate(
  url: string,
  requests: readonly autocannon.Request[],
  seconds: number,
): Promise<number> {
  const run = await autocannon({
    ...{ url, requests: [...requests], connections: CONNECTIONS, duration: seconds },
  });
  if (run.non2xx > 0 || run.errors > 0 || run.timeouts > 0) {
    throw new Error(`${url}: ${run.non2xx} refused, ${run.errors} failed, of ${run["2xx"]}`);
  }
  return run["2xx"] / run.duration;
}

/** A round warms both up; then they take turns, so that what else the machine does falls on both. */
export async function interleave(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<{ readonly ours: number[]; readonly peer: number[] }> {
  await ours();
  await peer();
  const measured = { ours: [] as number[], peer: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    measured.ours.push(await ours());
    measured.peer.push(await peer());
  }
  return measured;
}
