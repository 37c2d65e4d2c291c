/** The window's own source files. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The folder `ui/src`. */
export const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

/** Every file under {@link SOURCE}, generated ones included. */
export function sourceFiles(): readonly string[] {
  return readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
