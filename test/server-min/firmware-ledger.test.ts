import fc from "fast-check";
import { expect, test } from "vitest";
import type { LedgerEntry } from "../../protocol/update-messages.ts";
import { type Checked, check, release } from "./firmware-fixture.ts";
import { openServer, postJson, type TestServer } from "./server-fixture.ts";

const VERSIONS = ["1.0.0", "1.1.0-rc.1", "1.1.0", "1.2.0", "2.0.0"] as const;
const INSTALLS_MAX = 2;

type Act =
  | { readonly kind: "publish"; readonly version: string; readonly minimumVersion: string }
  | { readonly kind: "block" | "resign" | "choose"; readonly version: string }
  | { readonly kind: "newest" }
  /** The feeder asks, and installs what it is offered with this end. */
  | { readonly kind: "poll"; readonly end: "confirmed" | "image" | "environment" };

const version = fc.constantFrom(...VERSIONS);
const ACTS = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("publish" as const),
      version,
      minimumVersion: fc.constantFrom("0.0.0-0", "1.0.0", "1.1.0"),
    }),
    fc.record({
      kind: fc.constantFrom("block" as const, "resign" as const, "choose" as const),
      version,
    }),
    fc.record({ kind: fc.constant("newest" as const) }),
    fc.record({
      kind: fc.constant("poll" as const),
      end: fc.constantFrom("confirmed" as const, "image" as const, "environment" as const),
    }),
  ),
  { maxLength: 30 },
);

/** A feeder that keeps a ledger as the firmware does, and tells it. */
class Feeder {
  running = { current_version: "0.9.0", elfSha256: "9".repeat(64) };
  sequence = 0;
  ledger: LedgerEntry[] = [];

  ask(server: TestServer) {
    const { running, sequence, ledger } = this;
    return check(server, { ...running, sequence, ledger });
  }

  refuses({ elfSha256, sequence }: Checked["manifest"]): boolean {
    const entry = this.ledger.find((one) => one.elfSha256 === elfSha256);
    if (entry === undefined) return false;
    const isSpent = sequence <= entry.sequence && entry.installs >= INSTALLS_MAX;
    return entry.verdict === "image" || isSpent;
  }

  install({ elfSha256, sequence, version }: Checked["manifest"], end: string): void {
    this.sequence = Math.max(this.sequence, sequence);
    const known = this.ledger.find((entry) => entry.elfSha256 === elfSha256);
    const installs = known !== undefined && known.sequence >= sequence ? known.installs + 1 : 1;
    const verdict = end === "confirmed" ? "open" : (end as LedgerEntry["verdict"]);
    const others = this.ledger.filter((entry) => entry !== known);
    this.ledger = [...others, { elfSha256, sequence, installs, verdict }];
    if (end === "confirmed") this.running = { current_version: version, elfSha256 };
  }
}

async function perform(server: TestServer, feeder: Feeder, act: Act): Promise<void> {
  switch (act.kind) {
    case "publish": {
      const { minimumVersion } = act;
      await release(server, act.version, { minimumVersion }).catch(() => undefined);
      return;
    }
    case "block":
    case "resign":
      await postJson(server, `/v1/releases/${act.version}/${act.kind}`, {});
      return;
    case "choose":
    case "newest": {
      const choice = act.kind === "choose" ? { version: act.version } : {};
      const body = { deviceId: "feeder-1", action: "update", ...choice };
      await postJson(server, "/v1/ota/command", body);
      return;
    }
    case "poll": {
      const offer = await feeder.ask(server);
      if (offer === undefined) return;
      const { manifest } = offer;
      expect(feeder.refuses(manifest)).toBe(false);
      expect(manifest.elfSha256).not.toBe(feeder.running.elfSha256);
      expect(manifest.sequence).toBeGreaterThanOrEqual(feeder.sequence);
      feeder.install(manifest, act.end);
    }
  }
}

test("no history makes the server offer what the feeder's ledger refused, or a sequence that falls", async () => {
  await fc.assert(
    fc.asyncProperty(ACTS, async (acts) => {
      const server = openServer();
      const feeder = new Feeder();
      for (const act of acts) await perform(server, feeder, act);
      expect(server.bugs).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("a feeder that installs well ends at the highest open release, whatever was published when", async () => {
  const published = fc.uniqueArray(
    fc.record({ version, minimumVersion: fc.constantFrom("0.0.0-0", "1.0.0", "1.1.0") }),
    { selector: (one) => one.version, minLength: 1 },
  );
  const polls = fc.array(fc.boolean());
  await fc.assert(
    fc.asyncProperty(published, polls, async (releases, pollsAfter) => {
      const server = openServer();
      const feeder = new Feeder();
      const poll = async () => {
        const offer = await feeder.ask(server);
        if (offer !== undefined) feeder.install(offer.manifest, "confirmed");
        return offer !== undefined;
      };
      for (const [at, { version, minimumVersion }] of releases.entries()) {
        await release(server, version, { minimumVersion });
        if (pollsAfter[at]) await poll();
      }
      for (let steps = 0; await poll(); steps++) expect(steps).toBeLessThan(VERSIONS.length);
      const reachable = highestReachable(releases, feeder);
      expect(feeder.running.current_version).toBe(reachable);
    }),
    { numRuns: 40 },
  );
});

/** By hand: from where it is, no release above may be installed over it. */
function highestReachable(
  releases: readonly { readonly version: string; readonly minimumVersion: string }[],
  { running }: Feeder,
): string {
  const rank = (of: string) => ["0.0.0-0", "0.9.0", ...VERSIONS].indexOf(of);
  const own = running.current_version;
  const above = releases.filter(
    ({ version, minimumVersion }) => rank(version) > rank(own) && rank(minimumVersion) <= rank(own),
  );
  return above.at(-1)?.version ?? own;
}
