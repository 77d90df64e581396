// Deeds in their order, to be undone and redone.

/**
 * @template Deed
 */
export class UndoStack {
  /** @type {Deed[]} */
  #done = [];
  /** @type {Deed[]} */
  #undone = [];

  /** @param {number} [most] maximum number of deeds that can be undone */
  constructor(most = 100) {
    this.most = most;
  }

  /** Add a deed. Undone deeds can no longer be redone. @param {Deed} deed */
  push(deed) {
    this.#done.push(deed);
    if (this.#done.length > this.most) this.#done.shift();
    this.#undone = [];
  }

  /** @returns {Deed | null} the last deed, to be undone */
  undo() {
    const deed = this.#done.pop();
    if (deed === undefined) return null;
    this.#undone.push(deed);
    return deed;
  }

  /** @returns {Deed | null} the deed to be redone */
  redo() {
    const deed = this.#undone.pop();
    if (deed === undefined) return null;
    this.#done.push(deed);
    return deed;
  }

  get canUndo() {
    return this.#done.length > 0;
  }

  get canRedo() {
    return this.#undone.length > 0;
  }
}
