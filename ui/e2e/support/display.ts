/** A display of our own for the whole run, on a number that the server chooses itself. */
import { spawn } from "node:child_process";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The display's name, as in DISPLAY. */
    display: string;
  }
}

/** Larger than any window under test. */
const SCREEN = "1440x1000x24";

export default async function setup(project: TestProject): Promise<() => void> {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const number = await new Promise<string>((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3]?.on("data", (line: Buffer) => resolve(line.toString().trim()));
  });
  project.provide("display", `:${number}`);
  return () => {
    server.removeAllListeners("exit");
    server.kill("SIGTERM");
  };
}
