/** Tests find no settings, log-ins and remembered port of whoever runs them, and are told nothing by the environment. */
import { tmpdir } from "node:os";
import { join } from "node:path";

for (const name of Object.keys(process.env)) {
  // Those of the services say which tests there are.
  if (/^SKYFEEDER_(?!TEST_)/.test(name)) delete process.env[name];
}
const nowhere = join(tmpdir(), `skyfeeder-nobody-${process.pid}`);
Object.assign(process.env, {
  // In place of a file that somebody keeps in this folder.
  SKYFEEDER_CONFIG: "/dev/null",
  XDG_CONFIG_HOME: nowhere,
  XDG_STATE_HOME: nowhere,
});
