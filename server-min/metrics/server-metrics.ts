import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A heartbeat is about a millisecond, a release of 4 MB some seconds. */
const REQUEST_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
/** From a still on a LAN to a clip on a link that only just works; feeders give up after 640 s. */
const UPLOAD_SECONDS = [0.05, 0.2, 1, 5, 20, 60, 240];

/** What one server counts. Labels are bounded: names of routes and codes, never what a client wrote. */
export class ServerMetrics {
  readonly register = new Registry();
  readonly #uploads = this.#counter("uploads_total", "Uploads by outcome.", ["outcome"]);
  readonly #uploadBytes = this.#counter("upload_bytes_total", "Bytes of stored uploads.", []);
  readonly #uploadSeconds = this.#histogram(
    "upload_duration_seconds",
    "From the head of an upload to its answer.",
    { labelNames: ["outcome"], buckets: UPLOAD_SECONDS },
  );
  readonly #requests = this.#counter("http_requests_total", "Requests by class of status.", [
    "route",
    "method",
    "status",
  ]);
  readonly #requestSeconds = this.#histogram(
    "http_request_duration_seconds",
    "Until the answer is decided; its body may take longer.",
    { labelNames: ["route", "method"], buckets: REQUEST_SECONDS },
  );

  constructor(version: string) {
    this.gauge("build_info", "The version that runs.", ["version"], (gauge) =>
      gauge.set({ version }, 1),
    );
  }

  /** `outcome` is "stored" or the code of the refusal. */
  countUpload(outcome: string, upload: { readonly bytes: number; readonly durationMs?: number }) {
    this.#uploads.inc({ outcome });
    this.#uploadBytes.inc(upload.bytes);
    // A bucket does not say how long it took.
    if (upload.durationMs === undefined) return;
    const group = outcome === "stored" ? "stored" : "refused";
    this.#uploadSeconds.observe({ outcome: group }, upload.durationMs / 1000);
  }

  countRequest(request: {
    readonly route: string;
    readonly method: string;
    readonly status: number;
    readonly durationMs: number;
  }): void {
    const { route, status } = request;
    const method = METHODS.has(request.method) ? request.method : "other";
    this.#requests.inc({ route, method, status: `${Math.floor(status / 100)}xx` });
    this.#requestSeconds.observe({ route, method }, request.durationMs / 1000);
  }

  /** One that is read when somebody asks; what it said before is forgotten then. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    read: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void {
    new Gauge<Label>({
      name: `skyfeeder_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.register],
      async collect() {
        this.reset();
        await read(this);
      },
    });
  }

  /** The same for a total that somebody else counts. */
  total(name: string, help: string, read: () => number): void {
    new Counter({
      name: `skyfeeder_${name}`,
      help,
      registers: [this.register],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: `skyfeeder_${name}`, help, labelNames, registers: [this.register] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    shape: { readonly labelNames: Label[]; readonly buckets: number[] },
  ): Histogram<Label> {
    return new Histogram({
      name: `skyfeeder_${name}`,
      help,
      ...shape,
      registers: [this.register],
    });
  }
}

/** A client may send any other that its parser knows. */
const METHODS = new Set(["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"]);
