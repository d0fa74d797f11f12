/** For migrations.test.ts: opens a database at the same moment as the other threads, and says how that went. */
import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "../../../server-min/storage/node-sqlite.ts";

const { file, waiting, threads } = workerData as {
  readonly file: string;
  readonly waiting: Int32Array;
  readonly threads: number;
};

let there = Atomics.add(waiting, 0, 1) + 1;
Atomics.notify(waiting, 0);
for (; there < threads; there = Atomics.load(waiting, 0)) Atomics.wait(waiting, 0, there);
parentPort?.postMessage(
  Object.values(openDatabase(file).prepare("PRAGMA user_version").get() ?? {}),
);
