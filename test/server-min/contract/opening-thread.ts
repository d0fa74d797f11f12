/** For migrations.test.ts: opens a database at the same moment as the other threads, and says how that went. */
import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "../../../server-min/storage/node-sqlite.ts";

const { file, waiting, threads } = workerData as {
  readonly file: string;
  readonly waiting: Int32Array;
  readonly threads: number;
};

Atomics.add(waiting, 0, 1);
while (Atomics.load(waiting, 0) < threads);
parentPort?.postMessage(
  Object.values(openDatabase(file).prepare("PRAGMA user_version").get() ?? {}),
);
