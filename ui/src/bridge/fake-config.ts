/** Configurations in the core in memory: making, naming and checking them. */
import type { AccountConfig, Capabilities, CommandView, FormFault, ProtocolView } from "./generated";

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

/** A session that can do nothing but talk. */
export const BARE: Capabilities = {
  acknowledges: false,
  history: false,
  tellsDoublesApart: false,
  earlier: false,
  replies: false,
  reactions: false,
  retraction: false,
  readMarkers: false,
  typing: false,
  rooms: false,
};

/** A session that can do everything. */
export const WHOLE: Capabilities = {
  acknowledges: true,
  history: true,
  tellsDoublesApart: true,
  earlier: true,
  replies: true,
  reactions: true,
  retraction: true,
  readMarkers: true,
  typing: true,
  rooms: true,
};

const command = (name: string, parameters: string, help: string): CommandView => ({ name, arguments: parameters, help });

/** The protocols of the core in memory: one that can only talk, and one with all that a form and a composer may show. */
export const PROTOCOLS: readonly ProtocolView[] = [
  { id: "plain", name: "Plain text", log_in: false, fields: [], presets: [], commands: [] },
  {
    id: "irc",
    name: "IRC",
    log_in: true,
    fields: [
      { id: "nick", name: "Nickname", required: true, choices: [] },
      { id: "channels", name: "Channels", required: false, choices: [] },
      { id: "login", name: "Log-in", required: false, choices: ["sasl", "pass"] },
      { id: "shoe", name: "Size of the shoe", required: false, choices: [] },
    ],
    presets: [
      { name: "Example", url: "wss://irc.example.org/ws", fields: { channels: "#welcome" } },
      { name: "Twitch", url: "wss://irc-ws.chat.twitch.tv/", fields: { login: "pass" } },
    ],
    commands: [
      command("me", "<text…>", "says what you do"),
      command("msg", "<name> <text…>", "tells somebody something"),
      command("query", "<name>", "opens a conversation of two"),
      command("join", "<room> [key]", "goes into a room"),
      command("part", "[room] [why…]", "goes out of a room"),
      command("nick", "<name>", "takes another name"),
      command("away", "[why…]", "says that you are away"),
      command("topic", "[text…]", "shows or sets the topic"),
      command("mode", "[target] [modes…]", "shows or sets modes"),
      command("kick", "<name> [why…]", "throws somebody out"),
      command("whois", "<name>", "tells about somebody"),
      command("dance", "[steps…]", "dances"),
    ],
  },
];
