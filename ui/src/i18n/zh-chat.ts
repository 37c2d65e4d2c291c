/** The words of rooms and people: happenings, messages and what is done with them, members, commands, in simplified Chinese. */
import type { chatWords } from "./en-chat";
import { ircCommandsZh, ircArgumentsZh } from "./zh-irc";

const HAN = /\p{Script=Han}/u;
const LETTER = /[\p{L}\p{N}\p{S}\p{Pc}@#&%+*\])}'"\\[({-]/u;

/** Parts of a sentence: between Chinese and other letters stands a blank. */
function glue(...parts: readonly string[]): string {
  return parts.reduce((line, part) => {
    const [before, after] = [line.slice(-1), part.slice(0, 1)];
    const blank = HAN.test(before) !== HAN.test(after) && LETTER.test(before) && LETTER.test(after);
    return line + (blank ? " " : "") + part;
  }, "");
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : glue(names.slice(0, -1).join("、"), "和", names.at(-1) ?? "");

export const chatWordsZh: typeof chatWords = {
  happening: {
    names: list,
    namesMore: (names, more) => glue(names.join("、"), `等 ${names.length + more} 人`),
    between: "；",
    why: (text) => `（${text}）`,
    joined: (who) => glue(who, "加入了"),
    left: (who) => glue(who, "离开了"),
    quit: (who) => glue(who, "下线了"),
    kicked: (who, by) => glue(who, "被", by, "移出"),
    kickedMe: (by) => glue("你被", by, "移出"),
    renamed: (who, to) => glue(who, "改名为", to),
    renamedMe: (to) => glue("你改名为", to),
    renames: (count) => `${count} 人改了名`,
    topic: (who, text) => glue(who, `把话题设为：${text}`),
    topicGone: (who) => glue(who, "取消了话题"),
    mode: (who, text) => glue(who, "设置了 ") + text,
    modes: (count) => `更改了 ${count} 项设置`,
    retitled: (to) => glue("这个聊天室改名为", to),
    split: (names) => glue(`网络断裂，${names}`, "因此离开"),
    rejoined: (names) => glue(`网络恢复，${names}`, "回来了"),
    ways: {
      "in in": (names) => glue(names, "加入了"),
      "out out": (names) => glue(names, "离开了"),
      "in out": (names) => glue(names, "来了又走"),
      "out in": (names) => glue(names, "走了又来"),
    },
    open: "逐条显示",
    shut: "合成一行",
  },

  message: {
    notice: "通知",
    titles: {
      admin: "管理员",
      broadcaster: "主播",
      founder: "首位订阅者",
      "global mod": "全站管理员",
      moderator: "房管",
      partner: "认证合作伙伴",
      staff: "官方人员",
      "sub gifter": "赠订者",
      subscriber: "订阅者",
      vip: "贵宾",
    },
    titleGap: "、",
    mention: "提到了你",
    retracted: (by) => glue(by, "撤回了一条消息"),
    quoteGone: "一条不在这里的消息",
    quoteEmpty: "一条没有文字或已撤回的消息",
    quoteOpen: (name) => glue("转到", name, "的消息"),
    earlier: "更早的消息在服务器上",
    reacted: (text, names) => `${text}：${names}`,
    reactions: "回应",
    actions: (name) => glue(name, "的消息的操作"),
    reply: "回复",
    react: "回应…",
    copy: "复制文字",
    copied: "已复制",
    copyFailed: "无法复制文字",
    retract: "撤回",
    why: {
      offline: "没有连接",
      incapable: "这个服务器没有这项功能",
      unnamed: "服务器没有给这条消息编号",
    },
    reactTitle: "回应这条消息",
    reactOther: "其他表情，或一个词",
    reactSend: "放上",
  },

  room: {
    topic: "显示完整话题",
    left: "你不在这个聊天室里。",
    again: "重新加入",
    me: (name) => glue("你在这里叫", name),
    answering: (name) => glue("回复", name),
    answerLeave: "不回复",
    offline: "没有连接，所以没有做成。文字还在这里。",
    incapable: "这个服务器做不到。文字还在这里。",
    invalid: "这条命令不完整，或其中有不能用的内容。文字还在这里。",
    unknown: (name) => `Whinchat 不认识 /${name}，但服务器也许认识。原样发送吗？`,
    unknownSend: "原样发送",
    unknownSay: "当作消息说出来",
    menu: (name) => `${name} 的操作`,
    leave: "离开",
    remove: "删除…",
    markRead: "标为已读",
    mentions: (count) => `${count} 次提到你`,
    kinds: { stream: "服务器自己的", room: "聊天室", direct: "两人会话" },
    gone: "不在其中",
    removeTitle: (name) => `删除 ${name}？`,
    removeText: "它在本机的历史将被删除，无法恢复。",
    removeYes: "删除",
  },

  join: {
    open: "加入聊天室…",
    title: "加入聊天室",
    at: (name) => `在 ${name}`,
    room: "聊天室名称",
    password: "聊天室密码",
    passwordHint: "如果有的话；保存在系统的密钥环中",
    join: "加入",
    missing: "请输入聊天室名称。",
  },

  members: {
    open: "成员",
    close: "关闭成员列表",
    label: (name) => `${name} 的成员`,
    count: (count) => `${count} 名成员`,
    search: "搜索成员",
    none: "没有叫这个名字的人",
    nobody: "服务器没有说谁在这里。",
    away: "离开",
    bot: "机器人",
    talk: (name) => glue("与", name, "单独会话"),
    groups: { "~": "所有者", "&": "管理员", "@": "操作员", "%": "半操作员", "+": "可发言", "": "成员" },
    typing: (names) => glue(names, "正在输入…"),
  },

  commands: {
    label: "命令",
    keys: "Tab 补全，↑ ↓ 选择，Esc 关闭",
    help: ircCommandsZh,
    arguments: ircArgumentsZh,
  },

  hints: {
    label: "可以补全为",
    keys: "Tab 或 Enter 选用，↑ ↓ 选择，Esc 关闭",
  },

  emoji: {
    open: "表情",
    title: "选择表情",
    search: "搜索表情",
    found: "搜索结果",
    none: "没有这个名字的表情。",
    groups: "表情分类",
    group: {
      smileys: "笑脸",
      people: "人物",
      nature: "动物与自然",
      food: "食物与饮料",
      travel: "旅行与地点",
      activities: "活动",
      objects: "物品",
      symbols: "符号",
      flags: "旗帜",
    },
  },

  protocols: { plain: "纯文本消息", irc: "IRC 聊天" },
  presets: "常用服务器",
  fields: {
    "irc.nick": "昵称",
    "irc.username": "用户标识",
    "irc.realname": "真实姓名",
    "irc.channels": "要加入的频道",
    "irc.login": "密码用于",
    "irc.network": "代理服务器中的网络",
  },
  fieldHints: { "irc.channels": "首次登录时加入，用逗号或空格分开" },
  choices: { "irc.login.sasl": "你的账号（SASL）", "irc.login.pass": "服务器本身（PASS）" },
  fieldMissing: (name) => `还需要填写：${name}。`,
};
