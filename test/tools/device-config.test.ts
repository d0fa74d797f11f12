import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generatedFiles } from "../../tools/device-config/generated-files.ts";

test.each(generatedFiles())(
  "$path is what the table of settings makes; node tools/device-config.ts writes it anew",
  ({ path, text }) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);
