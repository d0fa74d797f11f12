import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseSettings,
  readSettingsFile,
  SETTINGS_FILE,
} from "../../server-min/machine/settings-file.ts";
import { ROOT } from "../tidy/source-tree.ts";
import { makeFolder } from "./started-server.ts";

test.each([
  ["publicUrl = 5", ["publicUrl: Invalid type: Expected string but received 5"]],
  ['publicUrl = "ftp://x"', ["publicUrl: not an address that starts with http:// or https://"]],
  ["port = 65536", ["port: Invalid value: Expected <=65535 but received 65536"]],
  ["port = 1.5", ["port: Invalid integer: Received 1.5"]],
  ["prot = 1", ["prot: no such setting"]],
  [
    '[tls]\ncertFile = "a"',
    ['tls.keyFile: Invalid key: Expected "keyFile" but received undefined'],
  ],
  ["[retention]\nphotoDays = 3", ["retention.photoDays: no such setting"]],
  ['[mqtt]\nlisten = "1883"', ["mqtt.listen: not HOST:PORT"]],
  [
    '[mqtt]\nlisten = "0.0.0.0:1883"\nurl = "mqtt://b"',
    ["mqtt: either listen (the broker in this server) or url (another one)"],
  ],
  ['[mqtt]\npasswordFile = "p"', ["mqtt: username and passwordFile are for the broker at url"]],
  [
    'publicUrl = "http://a"\n[tls]\ncertFile = "c"\nkeyFile = "k"',
    ["publicUrl: starts with http:// although tls is set"],
  ],
  [
    'prot = 1\nport = "x"\nhost = ""',
    [
      "prot: no such setting",
      "host: Invalid length: Expected !0 but received 0",
      'port: Invalid type: Expected number but received "x"',
    ],
  ],
  ['[mqtt]\nlistenTls = "0.0.0.0:65536"', ["mqtt.listenTls: no such port"]],
  [
    '[mqtt]\nlistenTls = "0.0.0.0:8883"\nurl = "mqtt://b"',
    ["mqtt: either listen (the broker in this server) or url (another one)"],
  ],
  ["port = ", ["line 1: Invalid TOML document: invalid value"]],
  [
    'allowedOrigins = ["https://birds.example", "https://birds.example/", "http://b:80"]',
    [
      'allowedOrigins.1: "https://birds.example/" is more than an origin: "https://birds.example"',
      'allowedOrigins.2: "http://b:80" is more than an origin: "http://b"',
    ],
  ],
  ["__proto__ = 1", ["__proto__: no such setting"]],
])("%j is refused with every mistake in it", (text, mistakes) => {
  expect(parseSettings(text)).toEqual({ kind: "failed", mistakes });
});

test("docs/config.md has every setting, and none that is no more", () => {
  const docs = readFileSync(join(ROOT, "docs/config.md"), "utf8");
  const [, table = ""] = /^\| setting \|.*\n\|-.*\n((?:\|.*\n)+)/m.exec(docs) ?? [];
  const told = table.split("\n").flatMap((row) => row.split("|")[1]?.match(/[\w.]+/g) ?? []);
  const names = Object.entries(SETTINGS_FILE.entries).flatMap(([name, { wrapped }]) =>
    "entries" in wrapped ? Object.keys(wrapped.entries).map((inner) => `${name}.${inner}`) : [name],
  );
  expect(told.toSorted()).toEqual(names.toSorted());
});

test("paths are relative to the file, whatever folder the server is started in", async () => {
  const folder = await makeFolder();
  const file = join(folder, "skyfeeder.toml");
  await writeFile(
    file,
    'dataDir = "birds"\nadminPasswordFile = "/run/secrets/admin"\nsecretsFile = "s.json"\n[tls]\ncertFile = "c.pem"\nkeyFile = "../k.pem"\n',
  );
  expect(readSettingsFile(file)).toEqual({
    kind: "read",
    settings: {
      dataDir: join(folder, "birds"),
      adminPasswordFile: "/run/secrets/admin",
      secretsFile: join(folder, "s.json"),
      tls: { certFile: join(folder, "c.pem"), keyFile: join(folder, "..", "k.pem") },
    },
  });
});

test("a file that cannot be read is a mistake, not a crash", () => {
  expect(readSettingsFile("/")).toEqual({
    kind: "failed",
    mistakes: ["it cannot be read (EISDIR)"],
  });
});

test("whatever the text, the answer is settings or mistakes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const read = parseSettings(text);
      expect(read.kind === "read" || read.mistakes.length > 0).toBe(true);
    }),
  );
});
