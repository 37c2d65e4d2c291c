/** The account form: what its fields hold, the configuration that they make, and words for what is wrong with them. */
import type { AccountConfig, FormFault } from "../bridge/generated";
import { say } from "../i18n/truth";
import type { Words } from "../i18n/words";
import { hostOf, isLoopback } from "./status";

/** What a configuration has beyond the fields; it is kept as it is. */
type Kept = Pick<AccountConfig, "fallbacks" | "logIn" | "proxy" | "trust" | "compression">;

/** The fields as they are typed. */
export interface Fields {
  kept: Kept;
  protocol: string;
  url: string;
  name: string;
  subprotocols: string;
  origin: string;
  headers: { name: string; value: string }[];
}

/** Which field a fault belongs to. */
export type FieldName = "url" | "subprotocols" | "origin" | "headers" | "protocol";

/** The fields for a configuration, or empty ones for a new account that speaks `protocol`. */
export function fieldsOf(config: AccountConfig | null, protocol: string): Fields {
  return {
    kept: keptOf(config),
    protocol: config?.protocol ?? protocol,
    url: config?.url ?? "",
    name: config?.name ?? "",
    subprotocols: config?.subprotocols.join(" ") ?? "",
    origin: config?.origin ?? "",
    headers: config?.headers.map((header) => ({ ...header })) ?? [],
  };
}

function keptOf(config: AccountConfig | null): Kept {
  return {
    fallbacks: config?.fallbacks ?? [],
    logIn: config?.logIn ?? { kind: "none" },
    proxy: config?.proxy ?? { kind: "system" },
    trust: config?.trust ?? { authorities: "", certificate: "", key: "", pins: [] },
    compression: config?.compression ?? "offer",
  };
}

/** The configuration that the fields make. Headers without name and value are left out. */
export function configOf(fields: Fields): AccountConfig {
  return {
    // A copy: what is watched while it is edited does not leave the form.
    ...(JSON.parse(JSON.stringify(fields.kept)) as Kept),
    protocol: fields.protocol,
    url: fields.url.trim(),
    name: fields.name.trim(),
    subprotocols: fields.subprotocols.split(/[\s,]+/).filter((name) => name !== ""),
    origin: fields.origin.trim(),
    headers: fields.headers
      .map((header) => ({ name: header.name.trim(), value: header.value.trim() }))
      .filter((header) => header.name !== "" || header.value !== ""),
  };
}

/** Whether a configuration uses what the form keeps under "details". */
export function hasDetails(config: AccountConfig | null): boolean {
  return config !== null && (config.subprotocols.length > 0 || config.origin !== "" || config.headers.length > 0);
}

/** Whether messages of this account leave the computer unencrypted. */
export function travelsPlain(config: AccountConfig): boolean {
  return /^ws:/i.test(config.url) && !isLoopback(hostOf(config.url));
}

/** The field that a fault belongs to. */
export function fieldOf(fault: FormFault): FieldName {
  switch (fault.kind) {
    case "address":
      return "url";
    case "subprotocol":
      return "subprotocols";
    case "header":
    case "secretHeader":
      return "headers";
    case "origin":
      return "origin";
    case "protocol":
      return "protocol";
  }
}

/** A fault in words. */
export function faultSentence({ tongue }: Words, fault: FormFault): string {
  if (fault.kind !== "address") return say(tongue, `fault.${fault.kind}`, { value: fault.value });
  return fault.fault === "other"
    ? say(tongue, "address.other", { text: fault.text })
    : say(tongue, `address.${fault.fault}`);
}
