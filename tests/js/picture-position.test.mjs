import assert from "node:assert/strict";
import { test } from "node:test";

import { PicturePosition } from "../../static/js/lib/picture-position.js";

/** A <video> that shows the pictures it is told to. */
class Video extends EventTarget {
  currentTime = 0;
  playbackRate = 1;
  #onFrame = null;

  requestVideoFrameCallback(onFrame) {
    this.#onFrame = onFrame;
  }

  picture(mediaTime) {
    this.#onFrame(0, { mediaTime });
  }
}

const playing = () => {
  const video = new Video();
  const seen = [];
  const position = new PicturePosition(video, new AbortController().signal, () => seen.push(position.now));
  return { video, seen, position };
};

test("the picture's own moment is its position, a little behind the sound", () => {
  const { video, seen } = playing();
  video.currentTime = 1.05;
  video.picture(0.96);
  assert.deepEqual(seen, [0.96]);
});

test("beside a picture that lags the position is that of the sound, and does not go back when the picture comes", () => {
  const { video, position } = playing();
  video.picture(0);
  video.currentTime = 0.85;
  assert.equal(position.now, 0.85);
  video.picture(0.6);
  assert.equal(position.now, 0.85, "a page that has come stays");
  video.currentTime = 1;
  video.picture(0.92);
  assert.equal(position.now, 0.92);
});

test("whoever seeks back is back", () => {
  const { video, position } = playing();
  video.currentTime = 30;
  assert.equal(position.now, 30);
  video.currentTime = 4;
  video.dispatchEvent(new Event("seeking"));
  assert.equal(position.now, 4);
});

test("another film begins anew", () => {
  const { video, position } = playing();
  video.currentTime = 30;
  video.picture(29.9);
  video.currentTime = 0;
  video.dispatchEvent(new Event("emptied"));
  assert.equal(position.now, 0);
});
