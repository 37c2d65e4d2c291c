import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// WebKitGTK 2.50 and the web view of macOS 13 both run what Safari 16 runs.
const TARGET = "safari16";

export default defineConfig(({ mode }) => ({
  // Fragments are built node by node, so that not even static markup is parsed in the page.
  plugins: [svelte({ configFile: false, compilerOptions: { fragments: "tree" } })],
  // Relative addresses serve every scheme under which the window may be loaded.
  base: "./",
  clearScreen: false,
  server: {
    port: 1420,
    strictPort: true,
    host: "127.0.0.1",
    fs: { allow: [".."] },
  },
  build: {
    target: TARGET,
    // The polyfill would be an inline script, which the content security policy forbids.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The largest are the names of emoji, which are read when they are wanted.
    chunkSizeWarningLimit: 600,
  },
  ...(mode === "test" ? { resolve: { conditions: ["browser"] } } : {}),
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    restoreMocks: true,
    // The longest test draws twenty pages of rows: seconds, on a computer that has other work too.
    testTimeout: 30_000,
  },
}));
