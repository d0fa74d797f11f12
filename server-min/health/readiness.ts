import { sql as text } from "kysely";
import type { AppPorts } from "../ports.ts";

/** Whoever asks for readiness asks again in seconds; a store that takes longer is of no use to a feeder either. */
const ANSWER_LIMIT_MS = 2_000;
/** Never committed. */
const PROBE_KEY = "readiness-probe";

type Ports = Pick<AppPorts, "sql" | "objects" | "clock" | "probes" | "report">;

/** Whether everything that this server works with answers. */
export class Readiness {
  readonly #ports: Ports;
  readonly #probes: ReadonlyMap<string, () => Promise<unknown>>;
  readonly #failing = new Set<string>();
  #asking: Promise<readonly string[]> | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#probes = new Map([
      ["database", () => text`select 1`.execute(ports.sql)],
      ["objects", () => probeObjects(ports.objects)],
      ...(ports.probes ?? []),
    ]);
  }

  /** Names of what does not answer. Who asks while somebody is asking shares the answer: asking costs the stores work. */
  missing(): Promise<readonly string[]> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<readonly string[]> {
    const answers = [...this.#probes].map(async ([name, probe]) => {
      const failure = await this.#failureOf(name, probe);
      this.#note(name, failure);
      return failure === undefined ? [] : [name];
    });
    return (await Promise.all(answers)).flat();
  }

  #failureOf(name: string, probe: () => Promise<unknown>): Promise<unknown> {
    const tooLate = new Promise<Error>((elapsed) => {
      const late = () => elapsed(new Error(`${name}: no answer in ${ANSWER_LIMIT_MS} ms`));
      this.#ports.clock.after(ANSWER_LIMIT_MS, late);
    });
    const answer = probe().then(
      () => undefined,
      (error: unknown) => error ?? new Error(name),
    );
    return Promise.race([answer, tooLate]);
  }

  /** Told once a failure, not once a question. */
  #note(name: string, failure: unknown): void {
    if (failure === undefined) this.#failing.delete(name);
    if (failure === undefined || this.#failing.has(name)) return;
    this.#failing.add(name);
    this.#ports.report(failure);
  }
}

/** Reads what is not there, and writes what is then given up. */
async function probeObjects(objects: AppPorts["objects"]): Promise<void> {
  await objects.read(PROBE_KEY, 0, 0);
  await using writer = await objects.create(PROBE_KEY);
  await writer.write(new Uint8Array(1));
}
