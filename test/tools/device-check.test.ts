import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT } from "../tidy/source-tree.ts";

function deviceCheck(sdk: string | undefined, ...args: string[]) {
  const { MODDABLE: _installed, ...env } = process.env;
  const options = {
    cwd: ROOT,
    encoding: "utf8",
    env: sdk ? { ...env, MODDABLE: sdk } : env,
  } as const;
  return spawnSync(process.execPath, ["tools/device-check.ts", ...args], options);
}

test.each([undefined, "/nowhere/moddable"])(
  "without the Moddable SDK (%s) it says what is missing, and exits 3",
  (sdk) => {
    const plain = deviceCheck(sdk);
    expect(plain).toMatchObject({ status: 3, stdout: "" });
    expect(plain.stderr).toMatch(/MODDABLE/);
    expect(plain.stderr).toMatch(/xs-dev setup/);
    const json = deviceCheck(sdk, "--json");
    expect(json.status).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { hint: expect.stringContaining("xs-dev") },
    });
  },
);
