import assert from "node:assert/strict";
import { test } from "node:test";

import { Sources } from "../../static/js/classroom/sending/sources.js";

/** Devices of a computer: the first camera is the one that the browser chooses. */
function devicesOf(/** @type {string[]} */ cameras) {
  /** @type {string[]} */
  const opened = [];
  const track = (/** @type {string} */ deviceId) => ({ stop() {}, addEventListener() {}, getSettings: () => ({ deviceId }) });
  return {
    opened,
    enumerateDevices: async () => [{ kind: "audioinput", label: "OBS Audio", deviceId: "sound" }, ...cameras.map((label) => ({ kind: "videoinput", label, deviceId: label }))],
    getUserMedia: async (/** @type {any} */ { video }) => {
      opened.push(video.deviceId?.exact ?? cameras[0]);
      return { getTracks: () => [track(/** @type {string} */ (opened.at(-1)))] };
    },
  };
}

for (const [cameras, wanted] of /** @type {const} */ ([
  [["FaceTime HD", "OBS Virtual Camera"], ["FaceTime HD", "OBS Virtual Camera"]],
  [["OBS Virtual Camera", "FaceTime HD"], ["OBS Virtual Camera"]],
  [["FaceTime HD", "OBSBOT Tiny"], ["FaceTime HD"]],
])) {
  test(`of ${cameras.join(" and ")} the camera that OBS makes is taken, if there is one`, async () => {
    const devices = devicesOf([...cameras]);
    const sources = new Sources(/** @type {any} */ (devices));
    await sources.openVirtualCamera();
    assert.deepEqual(devices.opened, wanted);
    assert.equal(sources.camera?.getSettings().deviceId, wanted.at(-1));
  });
}
