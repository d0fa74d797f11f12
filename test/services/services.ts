import { fileURLToPath } from "node:url";

interface Service {
  readonly name: string;
  /** Has the verbs install, start DIR PORT (which prints the URL) and stop DIR. */
  readonly script: string;
  /** Tells the tests its URL; what they leave out without it. */
  readonly variable: string;
}

/** The real servers that SkyFeeder works with, and that not every machine has. */
export const SERVICES: readonly Service[] = [
  { name: "PostgreSQL", script: "postgres.sh", variable: "SKYFEEDER_TEST_POSTGRES" },
  { name: "an S3 server", script: "s3.sh", variable: "SKYFEEDER_TEST_S3" },
  { name: "Mosquitto", script: "mosquitto.sh", variable: "SKYFEEDER_TEST_MQTT" },
];

export function scriptPath(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}
