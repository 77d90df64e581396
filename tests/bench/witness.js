// Sees and hears a fake camera and its microphone in a page, by one clock. Installed by the bench as window.witness.
(() => {
  if (window.witness) return;
  const { WIDTH, HEIGHT, POINTS, LOUD, QUIET_MS } = /*SETTINGS*/ {};
  const pen = new OffscreenCanvas(WIDTH, HEIGHT).getContext("2d", { willReadFrequently: true });
  const pictures = [];
  const beeps = [];
  let heardAt = -Infinity;
  window.witness = { pictures, beeps };

  /** What fake_devices.times_of wants to know of a picture. */
  function look(picture, at) {
    pen.drawImage(picture, 0, 0, WIDTH, HEIGHT);
    const { data } = pen.getImageData(0, 0, WIDTH, HEIGHT);
    const green = ([x, y]) => {
      let sum = 0;
      for (let down = -2; down < 2; down += 1) for (let right = -2; right < 2; right += 1) sum += data[4 * ((y + down) * WIDTH + x + right) + 1];
      return sum / 16;
    };
    pictures.push([at, ...POINTS.map(green)]);
  }

  /** Samples, the first of which is heard at `at` (ms). */
  function listen(samples, at, rate) {
    samples.forEach((value, number) => {
      if (Math.abs(value) < LOUD) return;
      const now = at + (1000 * number) / rate;
      if (now - heardAt > QUIET_MS) beeps.push(now);
      heardAt = now;
    });
  }

  /** The devices themselves: when their pictures and their sound come to a page. */
  witness.devices = async (seconds) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 }, audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    const until = performance.now() + 1000 * seconds;
    const read = async (track, take) => {
      const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
      while (performance.now() < until) {
        const { value } = await reader.read();
        take(value, performance.now());
        value.close();
      }
      track.stop();
    };
    const hear = (sound, now) => {
      const samples = new Float32Array(sound.numberOfFrames);
      sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      listen(samples, now, sound.sampleRate); // the fake microphone hands over what it begins to hear
    };
    await Promise.all([read(stream.getVideoTracks()[0], look), read(stream.getAudioTracks()[0], hear)]);
  };

  /** The player of the page, as it goes to the screen and to the speaker. Sound must be on. */
  witness.player = async () => {
    const video = document.querySelector("lesson-player video");
    const audio = new AudioContext();
    await audio.resume();
    const ear = audio.createScriptProcessor(1024, 1, 1); // a worklet would need an address of its own on the page's server
    audio.createMediaElementSource(video).connect(ear).connect(audio.destination);
    ear.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      const { contextTime, performanceTime } = audio.getOutputTimestamp();
      listen(inputBuffer.getChannelData(0), performanceTime + 1000 * (playbackTime - contextTime), inputBuffer.sampleRate);
    };
    const onFrame = (_now, { expectedDisplayTime }) => {
      look(video, expectedDisplayTime);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    witness.ear = ear; // nobody else holds it
  };
})();
