/** What one camera took, and when. */
export interface Shot {
  readonly deviceId: string;
  readonly atMs: number;
}

const TOOK = /^(\S+) camera\/(\S+) still \d+ ([0-9a-f]{64})$/;
const JOINED = /"message":"connected","deviceId":"([^"]+)"/;

/** What a pilot needs of the trace and no stage keeps. */
export class PilotWatch {
  /** By SHA-256. */
  readonly shots = new Map<string, Shot>();
  /** How often each feeder joined its room. */
  readonly joins = new Map<string, number>();

  readonly see = (line: string): void => {
    const [, atMs, camera = "", sha256] = TOOK.exec(line) ?? [];
    if (sha256 !== undefined) this.shots.set(sha256, { deviceId: camera, atMs: Number(atMs) });
    const [, joined] = JOINED.exec(line) ?? [];
    if (joined !== undefined) this.joins.set(joined, (this.joins.get(joined) ?? 0) + 1);
  };
}
