#!/usr/bin/env node
// JavaScript, so that any Node reaches the check: older ones cannot even parse the TypeScript behind it.
// Whoever reads our output may stop early, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const REQUIRED_MAJOR = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major < REQUIRED_MAJOR) {
  process.stderr.write(
    `error: SkyFeeder needs Node ${REQUIRED_MAJOR} or later and this is ${process.version} (node_too_old)\n` +
      "try: npm ci, which brings its own Node, then npm start (without --ignore-scripts)\n",
  );
  process.exitCode = 3;
} else {
  // Half of a short command's time is reading TypeScript; a folder that cannot be written to is no matter.
  const { enableCompileCache } = await import("node:module");
  const { join } = await import("node:path");
  enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"));
  const { runCommandLine } = await import("./command-line.ts");
  await runCommandLine(process.argv);
}
