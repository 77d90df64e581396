// What was done, in order, to be taken back and done again.

/**
 * @template Deed
 */
export class UndoStack {
  /** @type {Deed[]} */
  #done = [];
  /** @type {Deed[]} */
  #undone = [];

  /** @param {number} [most] so many can be taken back */
  constructor(most = 100) {
    this.most = most;
  }

  /** Something was done; what was taken back before cannot be done again. @param {Deed} deed */
  push(deed) {
    this.#done.push(deed);
    if (this.#done.length > this.most) this.#done.shift();
    this.#undone = [];
  }

  /** @returns {Deed | null} the last deed, which is to be taken back */
  undo() {
    const deed = this.#done.pop();
    if (deed === undefined) return null;
    this.#undone.push(deed);
    return deed;
  }

  /** @returns {Deed | null} what is to be done again */
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
