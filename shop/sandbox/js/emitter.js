// on, once and off, as every Element has them.
class Emitter {
  #handlers = new Map();

  on(event, handler) {
    if (typeof handler !== "function") {
      throw new IntegrationError(`The handler of "${event}" must be a function.`);
    }
    this.#handlers.set(event, [...this.#of(event), { handler }]);
    return this;
  }

  once(event, handler) {
    this.on(event, handler);
    this.#of(event).at(-1).once = true;
    return this;
  }

  off(event, handler) {
    this.#handlers.set(event, handler ? this.#of(event).filter((entry) => entry.handler !== handler) : []);
    return this;
  }

  handles(event) {
    return this.#of(event).length > 0;
  }

  emit(event, payload) {
    for (const entry of this.#of(event)) {
      if (entry.once) this.off(event, entry.handler);
      entry.handler(payload);
    }
  }

  #of(event) {
    return this.#handlers.get(event) ?? [];
  }
}
