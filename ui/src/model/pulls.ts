/**
 * When to read again. A bell only makes topics dirty; dirty topics are pulled together before the next frame, each
 * with at most one pull in flight (design §7). So losing, doubling or delaying a bell is harmless (invariant 11).
 */
import type { World } from "./world";

interface Topic {
  readonly pull: () => Promise<void>;
  dirty: boolean;
  pulling: boolean;
}

/** The topics of the window and their state. */
export class Pulls {
  readonly #world: Pick<World, "frame">;
  readonly #failed: (error: unknown) => void;
  readonly #topics = new Map<string, Topic>();
  #framed = false;

  /** `failed` is told of each pull that rejects; the topic is read again at the next bell or tick. */
  constructor(world: Pick<World, "frame">, failed: (error: unknown) => void) {
    this.#world = world;
    this.#failed = failed;
  }

  /** Adds a topic, or gives its name to another pull. It begins dirty. */
  add(name: string, pull: () => Promise<void>): void {
    this.#topics.set(name, { pull, dirty: true, pulling: false });
    this.#plan();
  }

  /** Forgets a topic. A pull in flight ends by itself. */
  remove(name: string): void {
    this.#topics.delete(name);
  }

  /** Something of this topic may have changed. */
  dirty(name: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined) return;
    topic.dirty = true;
    this.#plan();
  }

  /** Anything may have changed. */
  dirtyAll(): void {
    for (const topic of this.#topics.values()) topic.dirty = true;
    this.#plan();
  }

  #plan(): void {
    if (this.#framed) return;
    this.#framed = true;
    this.#world.frame(() => {
      this.#framed = false;
      for (const topic of this.#topics.values()) {
        if (topic.dirty && !topic.pulling) void this.#run(topic);
      }
    });
  }

  async #run(topic: Topic): Promise<void> {
    topic.dirty = false;
    topic.pulling = true;
    try {
      await topic.pull();
    } catch (error) {
      this.#failed(error);
    } finally {
      topic.pulling = false;
      if (topic.dirty) this.#plan();
    }
  }
}
