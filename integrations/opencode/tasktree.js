// Reports opencode's sessions to a TaskTree board. `tasktree connect opencode` installs this file.
//
// Each event goes to `tasktree hook opencode`, which finds the server, the project and the token,
// ends within a second and never fails. Nothing here waits for it.
import { spawn } from "node:child_process";

const EVENTS = new Set([
  "session.created",
  "session.status",
  "session.idle",
  "session.error",
  "permission.updated",
  "permission.asked",
  "permission.replied",
  "todo.updated",
  "file.edited",
  "vcs.branch.updated",
]);

const report = (directory, worktree, event) => {
  try {
    const hook = spawn("tasktree", ["hook", "opencode"], {
      cwd: directory,
      stdio: ["pipe", "ignore", "ignore"],
    });
    hook.on("error", () => {}); // The program is not installed.
    hook.stdin.on("error", () => {});
    hook.stdin.end(JSON.stringify({ directory, worktree, ...event }));
    hook.unref();
  } catch {
    // A board that cannot be told is no reason to stop the agent.
  }
};

export const TaskTree = async ({ directory, worktree }) => ({
  event: async ({ event }) => {
    if (EVENTS.has(event.type)) report(directory, worktree, { event });
  },
  "tool.execute.before": async (input, output) =>
    report(directory, worktree, { hook: "tool.execute.before", input, output: { args: output?.args } }),
  "tool.execute.after": async (input, output) =>
    report(directory, worktree, { hook: "tool.execute.after", input, output: { title: output?.title } }),
  // Shell commands of the agent then speak in its name.
  "shell.env": async (input, output) => {
    const id = (input?.sessionID ?? "").replace(/[^A-Za-z0-9]/g, "").slice(0, 8);
    if (id && !process.env.TASKTREE_AGENT) output.env.TASKTREE_AGENT = `opencode-${id}`;
  },
});
