import { SERVICES } from "./services.ts";

/** Once before all tests: nobody takes what was left out for tested. */
export default function setup(): void {
  const missing = SERVICES.filter(({ variable }) => process.env[variable] === undefined);
  if (missing.length === 0) return;
  const names = missing.map(({ name, variable }) => `${name} ($${variable})`).join(", ");
  process.stderr.write(`Left out: tests with ${names}. npm run test:services runs them.\n`);
}
