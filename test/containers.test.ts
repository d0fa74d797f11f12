import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clientAddress, readProxies } from "../server-min/machine/client-address.ts";
import { readSettingsFile } from "../server-min/machine/settings-file.ts";
import { OwnAuthority } from "./own-authority.ts";
import { makeFolder, start } from "./server-min/started-server.ts";
import { ROOT } from "./tidy/source-tree.ts";

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

const dockerfile = read("Dockerfile");
const compose = read("docker-compose.yml");
const example = read(".env.example");

test("the image is made of files that exist and that its context lets in", () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  expect(copied).toContain("server-min");
  expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  const allowed = new Set([...read(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, name]) => name));
  expect(copied.filter((name) => !allowed.has(name.split("/")[0]))).toEqual([]);
});

test("the image runs as nobody special, says whether it is well, and ends when told", () => {
  const stages = dockerfile.split(/^FROM /m);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK (.|\\\n)*"node"/m);
  expect(stages.at(-1)).toContain("USER node");
  expect(dockerfile).not.toMatch(/curl|password|secret/i);
});

test("the image finds the server well with a certificate and without, and not where none is", async () => {
  const [, text = ""] = /^HEALTHCHECK (?:.|\\\n)*?CMD (\[.+\])$/m.exec(dockerfile) ?? [];
  const [command = "", ...args]: string[] = JSON.parse(text);
  expect(text).toContain(":8080/");
  const isWell = async ({ url }: { readonly url: string }) => {
    const asked = args.map((arg) => arg.replace(":8080", `:${new URL(url).port}`));
    const [code] = await once(spawn(command, asked, { stdio: "inherit" }), "exit");
    return code === 0;
  };
  const authority = await new OwnAuthority(await makeFolder(), "garden").write();
  const secure = await start({ tls: await authority.issue() });
  const plain = await start();
  expect([await isWell(secure), await isWell(plain)]).toEqual([true, true]);
  await plain.close();
  expect(await isWell(plain)).toBe(false);
});

test("every variable of docker-compose.yml is in .env.example, and no other", () => {
  const used = [
    ...[...compose.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name),
    ...[...compose.matchAll(/^ {6}- ([A-Z_]+)$/gm)].map(([, name]) => name),
    ...[...compose.matchAll(/\{ environment: (\w+) \}/g)].map(([, name]) => name),
  ];
  const explained = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual(explained.sort());
});

test("no secret has a value in what is in the repository", () => {
  const given = [...example.matchAll(/^#?(\w*(?:PASSWORD|KEY)\w*)=(.+)$/gm)];
  expect(given).toEqual([]);
});

test("what docker-compose.yml mounts exists, and every service comes back and says whether it is well", () => {
  const mounted = [...compose.matchAll(/- (\.\/[^:]+):/g)].map(([, path = ""]) => path);
  expect(mounted).toHaveLength(3);
  expect(mounted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  const services = (compose.split(/^services:$/m)[1] ?? "").split(/^secrets:$/m)[0] ?? "";
  const each = services.split(/^(?= {2}\w+:$)/m).filter((text) => /^ {2}\w+:$/m.test(text));
  expect(each).toHaveLength(6);
  for (const service of each) {
    // The server's is the image's own; what makes the bucket ends.
    const isOnce = service.includes('restart: "no"');
    expect(isOnce || service.includes("restart: unless-stopped")).toBe(true);
    expect(isOnce || /healthcheck:|build: \./.test(service)).toBe(true);
  }
});

test.each(["docker/alone.toml", "docker/skyfeeder.toml"])("%s is what the server takes", (path) => {
  expect(readSettingsFile(join(ROOT, path))).toMatchObject({
    kind: "read",
    settings: { host: "0.0.0.0", port: 8080, dataDir: "/data" },
  });
});

test("the settings of docker-compose.yml name its services, and the hosts of .env.example", () => {
  const settings = read("docker/skyfeeder.toml");
  const [, feeder, objects] =
    /^FEEDER_HOST=(.+)\nOBJECTS_HOST=(.+)$/m.exec(example) ?? expect.fail("no hosts");
  expect(settings).toContain(`publicUrl = "https://${feeder}"`);
  expect(settings).toContain(`publicEndpoint = "https://${objects}"`);
  for (const service of ["postgres", "minio", "mosquitto"]) {
    expect(settings).toContain(`${service}:`);
    expect(compose).toMatch(new RegExp(`^ {2}${service}:$`, "m"));
  }
});

test("the server trusts the network of its proxy, and none that people have at home", () => {
  const read = readSettingsFile(join(ROOT, "docker/skyfeeder.toml"));
  const { trustedProxies = [] } = read.kind === "read" ? read.settings : {};
  const [, subnet] = /config: \[\{ subnet: (\S+) \}\]/.exec(compose) ?? [];
  expect(trustedProxies).toEqual([subnet]);
  const proxies = readProxies(trustedProxies) ?? expect.fail("no ranges");
  const from = (client: string, proxy: string) =>
    clientAddress(
      { headers: { "x-forwarded-for": client }, socket: { remoteAddress: proxy } },
      proxies,
    );
  for (const client of ["192.168.1.50", "10.0.0.7", "172.16.3.4"]) {
    expect(from(client, "172.31.250.9")).toBe(client);
  }
});

test("Caddy never passes on what is only for this machine", () => {
  const [feeder = ""] = /^\{\$FEEDER_HOST\} \{[\s\S]+?^\}/m.exec(read("docker/Caddyfile")) ?? [];
  const own = /@own path (.+)/.exec(feeder)?.[1]?.split(" ") ?? [];
  for (const path of ["/healthz", "/health", "/readyz", "/metrics", "/v1/metrics"]) {
    expect(own).toContain(path);
  }
  expect(feeder.indexOf("respond @own 404")).toBeGreaterThan(0);
});
