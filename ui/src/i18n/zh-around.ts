/** The words around the conversations, in simplified Chinese. */
import type { Words } from "./words";

export const aroundWordsZh: Pick<Words, "tending" | "switcher" | "look" | "told"> = {
  tending: {
    notify: "通知",
    usual: (rule) => `默认：${rule}`,
    rules: { all: "所有消息", mentions: "提到我的消息", nothing: "不通知" },
    isMuted: "已静音",
    pin: "置顶",
    unpin: "取消置顶",
    pinned: "已置顶",
    mute: "静音",
    unmute: "取消静音",
    muted: "已静音",
    up: "上移",
    down: "下移",
    atEnd: "不能再移动了",
    fold: "折叠",
    unfold: "展开",
    join: "加入聊天室…",
    truth: "连接的真实状况",
    edit: "编辑…",
    connect: "连接",
    disconnect: "断开",
    remove: "移除…",
  },

  switcher: {
    title: "前往",
    hint: "会话、服务器或命令",
    none: "没有叫这个名字的",
    nothing: "还没有别的地方可去。",
    commands: {
      add: "添加服务器",
      join: "加入聊天室",
      settings: "设置",
      help: "键盘",
      truth: "连接的真实状况",
    },
  },

  look: {
    contrast: "高对比度",
    density: "间距",
    comfortable: "舒适",
    compact: "紧凑",
    zoom: "大小",
    larger: "放大",
    smaller: "缩小",
    percent: (zoom) => `${zoom}%`,
  },

  told: {
    preview: "通知中显示",
    text: "谁、在哪里、说了什么",
    hidden: "谁、在哪里",
    quiet: "安静时段",
    quietHint: "这段时间不发通知，未读消息照样计数。",
    quietOn: "每天保持安静",
    from: "从",
    until: "到",
    parts: { look: "外观", told: "通知", program: "程序" },
  },
};
