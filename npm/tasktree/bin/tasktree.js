#!/usr/bin/env node
// Starts the program of TaskTree, which is in the package for this platform.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const platform = `@tasktree/${process.platform}-${process.arch}`;
const suffix = process.platform === "win32" ? ".exe" : "";

let program;
try {
  program = require.resolve(`${platform}/bin/tasktree${suffix}`);
} catch {
  console.error(
    `tasktree: the package ${platform} is not installed. Either there is no program for this ` +
      "platform, or npm was told to leave out optional packages (--omit=optional).",
  );
  process.exit(1);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// This process has to outlive the program. A terminal sends Ctrl+C to both.
process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
for (const signal of ["SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`tasktree: cannot start ${program}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(signal ? 128 + constants.signals[signal] : code);
});
