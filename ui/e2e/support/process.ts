/** Child processes and the tree below them. Only processes that were started here are ever signalled. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { until } from "./wait";

/** Starts `program` as the leader of its own process group, its output in `log`. */
export function launch(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly log: string },
): ChildProcess {
  const log = openSync(options.log, "a");
  try {
    const child = spawn(program, [...args], {
      detached: true,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", log, log],
    });
    child.on("error", (error) => {
      console.error(`${program}: ${error.message}`);
    });
    return child;
  } finally {
    closeSync(log);
  }
}

/** Whether the process runs; one that has ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Signals a process, or the group that `-pid` leads; one that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

/** Ends a group that `launch` started, and waits until its leader is gone. */
export async function endGroup(child: ChildProcess, name: NodeJS.Signals = "SIGKILL"): Promise<void> {
  const pid = child.pid;
  if (pid === undefined) {
    return;
  }
  signal(-pid, name);
  await until(`process ${pid} to end`, () => !isAlive(pid));
  signal(-pid, "SIGKILL");
}

/** Parent of each process, as the system says now. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The name in parentheses may hold anything, so fields are counted from its end.
        const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
        found.set(Number(name), Number(parent));
      } catch {
        // It ended while we looked.
      }
    }
  }
  return found;
}

/** `pid` and everything below it. */
export function tree(pid: number): number[] {
  const all = parents();
  const found = [pid];
  for (const known of found) {
    for (const [child, parent] of all) {
      if (parent === known) {
        found.push(child);
      }
    }
  }
  return found;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") {
          reject(new Error("no port"));
        } else {
          resolve(address.port);
        }
      });
    });
  });
}

/** Proportional set size of a process and everything below it, in KiB. */
export function pss(pid: number): number {
  return tree(pid)
    .map((each) => {
      try {
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, "utf8"))?.[1] ?? 0);
      } catch {
        // It ended while we looked.
        return 0;
      }
    })
    .reduce((sum, each) => sum + each, 0);
}

/** The processes below `pid` in which pages run. */
export function webProcesses(pid: number): number[] {
  return tree(pid).filter((each) => {
    try {
      return readFileSync(`/proc/${each}/comm`, "utf8").startsWith("WebKitWebProces");
    } catch {
      return false;
    }
  });
}
