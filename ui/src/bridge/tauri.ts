/** The bridge of the real window: Tauri's commands and events. The only module that imports `@tauri-apps/*`. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Bridge } from "./bridge";
import type { Bell, Sight } from "./generated";

/**
 * How long an answer is waited for, in milliseconds. Every command answers within milliseconds; half a minute without
 * an answer means that it was lost, and waiting on would keep its topic from ever being read again.
 */
const ANSWER_MS = 30_000;

function ask<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer to ${command}`)), ANSWER_MS);
    invoke<T>(command, args)
      .then(resolve, reject)
      .finally(() => clearTimeout(late));
  });
}

/** Calls `heard` at each event until the returned function is called. */
function hear<T>(event: string, heard: (payload: T) => void): () => void {
  const listening = listen<T>(event, ({ payload }) => heard(payload));
  listening.catch(() => undefined);
  return () => void listening.then((stop) => stop()).catch(() => undefined);
}

/** Connects to the core that runs this window. */
export function tauriBridge(): Bridge {
  return {
    sidebar: () => ask("sidebar"),
    settings: () => ask("settings"),
    protocols: () => ask("protocols"),
    checkConfig: (config) => ask("check_config", { config }),
    latest: (conversation, count) => ask("latest", { conversation, count }),
    before: (conversation, place, count) => ask("before", { conversation, place, count }),
    after: (conversation, place, count) => ask("after", { conversation, place, count }),
    around: (conversation, message, count) => ask("around", { conversation, message, count }),
    changes: (conversation, from, to, since) => ask("changes", { conversation, from, to, since }),
    search: (query, within, before, count) => ask("search", { query, within, before, count }),
    whole: (message) => ask("whole", { message }),
    draft: (conversation) => ask("draft", { conversation }),
    people: (conversation) => ask("people", { conversation }),
    truth: (account) => ask("truth", { account }),
    frames: (account, since, count) => ask("frames", { account, since, count }),

    addAccount: (txn, config, secrets) => ask("add_account", { txn, config, secrets }),
    editAccount: (txn, account, config, secrets) => ask("edit_account", { txn, account, config, secrets }),
    removeAccount: (txn, account) => ask("remove_account", { txn, account }),
    setEnabled: (txn, account, enabled) => ask("set_enabled", { txn, account, enabled }),
    joinLounge: (txn) => ask("join_lounge", { txn }),
    send: (txn, conversation, text, reply) => ask("send", { txn, conversation, text, reply }),
    command: (txn, conversation, line, unknown) => ask("command", { txn, conversation, line, unknown }),
    join: (txn, account, name, password) => ask("join", { txn, account, name, password }),
    leaveConversation: (txn, conversation) => ask("leave_conversation", { txn, conversation }),
    removeConversation: (txn, conversation) => ask("remove_conversation", { txn, conversation }),
    moveAccount: (txn, account, before) => ask("move_account", { txn, account, before }),
    collapse: (txn, account, collapsed) => ask("collapse", { txn, account, collapsed }),
    moveConversation: (txn, conversation, before) => ask("move_conversation", { txn, conversation, before }),
    pin: (txn, conversation, pinned) => ask("pin", { txn, conversation, pinned }),
    mute: (txn, conversation, muted) => ask("mute", { txn, conversation, muted }),
    setNotify: (txn, conversation, rule) => ask("set_notify", { txn, conversation, rule }),
    react: (txn, message, text, present) => ask("react", { txn, message, text, present }),
    retract: (txn, message) => ask("retract", { txn, message }),
    typing: (conversation, typing) => ask("typing", { conversation, typing }),
    editMessage: (txn, message, text) => ask("edit_message", { txn, message, text }),
    retry: (txn, message) => ask("retry", { txn, message }),
    retryAll: (txn, conversation) => ask("retry_all", { txn, conversation }),
    heal: (txn, gap) => ask("heal", { txn, gap }),
    discard: (txn, message) => ask("discard", { txn, message }),
    saveDraft: (txn, conversation, text, reply) => ask("save_draft", { txn, conversation, text, reply }),
    markRead: (txn, conversation, upto) => ask("mark_read", { txn, conversation, upto }),
    setSettings: (txn, settings) => ask("set_settings", { txn, settings }),
    connectNow: (account) => ask("connect_now", { account }),
    openLink: (url) => ask("open_link", { url }),
    leave: (unkept) => ask("leave", { unkept }),
    leaveAnyway: () => ask("leave_anyway"),
    trustCertificate: (txn, account, server, sha256) => ask("trust_certificate", { txn, account, server, sha256 }),
    setSecret: (account, kind, value) => ask("set_secret", { account, kind, value }),
    forgetSecret: (account, kind) => ask("forget_secret", { account, kind }),
    sendRaw: (account, frame) => ask("send_raw", { account, frame }),
    exportFrames: (account) => ask("export_frames", { account }),

    // A bell that cannot be heard is a lost bell: the window pulls every few seconds anyway.
    onBell: (ring) => hear<Bell>("bell", ring),
    // A window that does not answer is closed after a moment.
    onClosing: (heard) => hear("closing", heard),
    // The window is raised in any case.
    onShow: (shown) => hear<Sight>("show", shown),
  };
}
