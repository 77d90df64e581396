// The people on the stage as a speaker sees them, in place of the lesson's picture: the teacher, other speakers, herself small. Their
// voices come out of the same elements.

export class Pictures {
  #box = Object.assign(document.createElement("div"), { className: "stage-pictures" });
  /** @type {Map<string, {figure: HTMLElement, video: HTMLVideoElement, tracks: MediaStreamTrack[]}>} by page */
  #shown = new Map();

  /**
   * @param {Element} pane
   * @param {MediaStream} own
   */
  constructor(pane, own) {
    this.pane = pane;
    const { figure, video } = this.#figure("");
    figure.classList.add("stage-pictures__own");
    figure.hidden = own.getVideoTracks().length === 0;
    video.muted = true;
    video.srcObject = own;
    video.play().catch(() => undefined);
    this.#box.append(figure);
    pane.append(this.#box);
  }

  /** @param {string} name */
  #figure(name) {
    const figure = document.createElement("figure");
    figure.className = "stage-pictures__one";
    const video = Object.assign(document.createElement("video"), { playsInline: true, autoplay: true });
    const caption = document.createElement("figcaption");
    caption.textContent = name;
    figure.append(video, caption);
    return { figure, video };
  }

  /** @param {import("./peer.js").Peer[]} peers */
  draw(peers) {
    for (const [page, { figure, video }] of this.#shown) {
      if (peers.some(({ who }) => who.page === page)) continue;
      video.srcObject = null;
      figure.remove();
      this.#shown.delete(page);
    }
    this.#box.dataset.count = String(peers.length);
    for (const { who, tracks: { voice, picture } } of peers) {
      const one = this.#shown.get(who.page) ?? { ...this.#figure(who.name), tracks: [] };
      if (!this.#shown.has(who.page)) this.#box.append(one.figure);
      this.#shown.set(who.page, one);
      one.figure.toggleAttribute("data-no-picture", !picture);
      const tracks = [voice, picture].filter((track) => track !== null);
      if (tracks.length === one.tracks.length && tracks.every((track, at) => track === one.tracks[at])) continue;
      one.tracks = tracks;
      one.video.srcObject = new MediaStream(tracks);
      one.video.play().catch(() => undefined);
    }
  }

  close() {
    for (const video of this.#box.querySelectorAll("video")) video.srcObject = null;
    this.#box.remove();
  }
}
