/** Configurations in the core in memory: making, naming and checking them. */
import type { AccountConfig, FormFault } from "./generated";

/** A configuration with an address and nothing else. */
export function plainConfig(url: string, name = ""): AccountConfig {
  return {
    protocol: "plain",
    name,
    url,
    fallbacks: [],
    subprotocols: [],
    origin: "",
    headers: [],
    logIn: { kind: "none" },
    proxy: { kind: "system" },
    trust: { authorities: "", certificate: "", key: "", pins: [] },
    compression: "offer",
  };
}

/** What an account is called: the user's name for it, else the host. */
export function labelOf(config: AccountConfig): string {
  return config.name === "" ? config.url.replace(/^\w+:\/\/([^/]*).*$/, "$1") : config.name;
}

/** A small part of the core's check: enough to see each kind of answer. */
export function checkAddress(url: string): FormFault[] {
  const wrong = (trouble: Extract<FormFault, { kind: "address" }>["fault"], suggestion: string | null): FormFault[] => [
    { kind: "address", fault: trouble, suggestion, text: "" },
  ];
  if (url === "") return wrong("empty", null);
  const scheme = /^(\w+):\/\//.exec(url)?.[1];
  if (scheme === undefined) return wrong("noScheme", `ws://${url}`);
  if (scheme === "http" || scheme === "https") return wrong("wrongScheme", url.replace(/^http/, "ws"));
  if (scheme !== "ws" && scheme !== "wss") return wrong("wrongScheme", null);
  return /^wss?:\/\/[^/?#]+/.test(url) ? [] : wrong("noHost", null);
}
