/**
 * A core in memory for tests and for looking at the window in a browser: answered intents. Answers can be lost. No part
 * of the built window.
 */
import type { Bridge } from "./bridge";
import { labelOf, plainConfig } from "./fake-config";
import { FakeSidebar } from "./fake-sidebar";
import { fault } from "./fake-line";
import { compare, textItem } from "./fake-rows";
import type { AccountConfig, AccountId, ConversationId, GivenSecret, MessageId, Settings, TxnId } from "./generated";

export class FakeBridge extends FakeSidebar implements Bridge {
  addAccount(txn: TxnId, config: AccountConfig, secrets: GivenSecret[]): Promise<AccountId> {
    return this.once("addAccount", txn, () => {
      const { account } = this.account(config, { kind: "connecting", url: config.url, phase: "dns", attempt: 1 });
      this.keep(account, secrets);
      return account;
    });
  }

  editAccount(txn: TxnId, account: AccountId, config: AccountConfig, secrets: GivenSecret[]): Promise<void> {
    return this.once("editAccount", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.config = config;
      found.label = labelOf(config);
      this.keep(account, secrets);
      this.commit(null, true);
    });
  }

  removeAccount(txn: TxnId, account: AccountId): Promise<void> {
    return this.once("removeAccount", txn, () => {
      this.accounts = this.accounts.filter((candidate) => candidate.id !== account);
      this.conversations = this.conversations.filter((candidate) => candidate.account !== account);
      this.commit(null, true);
    });
  }

  setEnabled(txn: TxnId, account: AccountId, enabled: boolean): Promise<void> {
    return this.once("setEnabled", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.enabled = enabled;
      found.status = enabled ? { kind: "connecting", url: found.config.url, phase: "tcp", attempt: 1 } : { kind: "off" };
      this.commit(null, true);
    });
  }

  joinLounge(txn: TxnId): Promise<AccountId> {
    return this.once("joinLounge", txn, () => {
      const line = { url: "ws://127.0.0.1:4747/lounge", address: "127.0.0.1:4747", tls: null, subprotocol: null, extensions: null, rttMs: 1, since: this.clock };
      return this.account(plainConfig("ws://127.0.0.1:4747/lounge"), { kind: "online", line }, true).account;
    });
  }

  retry(txn: TxnId, message: MessageId): Promise<void> {
    return this.once("retry", txn, () =>
      this.change(message, (item) => (item.kind === "message" ? { ...item, delivery: { kind: "queued" } } : item)),
    );
  }

  retryAll(txn: TxnId, conversation: ConversationId): Promise<void> {
    return this.once("retryAll", txn, () => {
      for (const { place, item } of this.rows(conversation)) {
        if (item.kind !== "message" || item.delivery?.kind !== "failed") continue;
        this.change(place.id, (before) => (before.kind === "message" ? { ...before, delivery: { kind: "queued" } } : before));
      }
    });
  }

  editMessage(txn: TxnId, message: MessageId, text: string): Promise<void> {
    return this.once("editMessage", txn, () => {
      const item = this.stored.get(message)?.row.item;
      if (item?.kind !== "message" || item.delivery?.kind !== "queued") throw fault("gone");
      this.change(message, () => textItem({ sender: item.sender, at: item.at, delivery: item.delivery }, text));
    });
  }

  heal(txn: TxnId, gap: MessageId): Promise<void> {
    return this.once("heal", txn, () => {
      const item = this.stored.get(gap)?.row.item;
      if (item?.kind !== "gap" || item.healing.kind === "unavailable") throw fault("gone");
      this.change(gap, () => ({ ...item, healing: { kind: "loading" } }));
    });
  }

  trustCertificate(txn: TxnId, account: AccountId, server: string, sha256: string): Promise<void> {
    return this.once("trustCertificate", txn, () => {
      const found = this.accounts.find((candidate) => candidate.id === account);
      if (found === undefined) throw fault("gone");
      found.config.trust.pins.push({ server, sha256 });
      this.status(account, { kind: "connecting", url: found.config.url, phase: "tcp", attempt: 1 });
    });
  }

  discard(txn: TxnId, message: MessageId): Promise<void> {
    return this.once("discard", txn, () => this.remove(message));
  }

  saveDraft(txn: TxnId, conversation: ConversationId, text: string, reply: MessageId | null): Promise<void> {
    return this.once("saveDraft", txn, () => {
      this.drafts.set(conversation, text);
      if (reply === null) this.answers.delete(conversation);
      else this.answers.set(conversation, reply);
    });
  }

  markRead(txn: TxnId, conversation: ConversationId, upto: MessageId): Promise<void> {
    return this.once("markRead", txn, () => {
      const found = this.conversations.find((candidate) => candidate.id === conversation);
      const place = this.stored.get(upto)?.row.place;
      if (found === undefined || place === undefined) return;
      found.read = place;
      found.unread = this.rows(conversation).filter(
        (row) => row.item.kind === "message" && row.item.sender.kind !== "me" && compare(row.place, place) > 0,
      ).length;
      found.mentions = 0;
      this.commit(null, true);
    });
  }

  setSettings(txn: TxnId, settings: Settings): Promise<void> {
    return this.once("setSettings", txn, () => {
      this.settingsNow = settings;
      this.commit(null, true);
    });
  }

  connectNow(account: AccountId): Promise<void> {
    this.ran.push("connectNow");
    const url = this.accounts.find((candidate) => candidate.id === account)?.config.url ?? "";
    return this.carry(() => this.status(account, { kind: "connecting", url, phase: "tcp", attempt: 1 }));
  }
}
