// A microphone that says a short tone at each half second of the clock, or more often, and an ear at the studio's programme. What the page opened
// is kept as window.tracks, what was said as window.tones with what the lamp said at that moment. With `flash` a camera is white at each tone.
(() => {
  if (window.mouth) return;
  const { hz, flash } = window.mouthSettings;
  const LENGTH_S = 0.06, EVERY_MS = window.mouthSettings.everyMs ?? 500, LIT_MS = 120;
  let lit = 0;
  window.mouth = { hz };
  window.tracks = [];
  window.tones = [];
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const ask = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wish) => {
    const stream = new MediaStream();
    if (wish.video && flash) stream.addTrack(flashing());
    else if (wish.video) for (const track of (await ask({ video: wish.video })).getVideoTracks()) stream.addTrack(track);
    if (wish.audio) {
      const context = new AudioContext();
      const [tone, gain, out] = [context.createOscillator(), context.createGain(), context.createMediaStreamDestination()];
      gain.gain.value = 0;
      tone.frequency.value = hz;
      tone.connect(gain).connect(out);
      tone.start();
      const [track] = out.stream.getAudioTracks();
      stream.addTrack(track);
      let last = Math.floor(Date.now() / EVERY_MS);
      const clock = setInterval(() => {
        const now = Date.now(), beat = Math.floor(now / EVERY_MS);
        if (track.readyState === "ended") { clearInterval(clock); context.close(); return; }
        if (beat === last) return;
        last = beat;
        if (!hz) return;
        lit = performance.now();
        gain.gain.setValueAtTime(0.6, context.currentTime);
        gain.gain.setValueAtTime(0, context.currentTime + LENGTH_S);
        window.tones.push({ at: now, lamp: track.enabled ? document.querySelector("stage-seat [data-part=lamp]")?.dataset.says ?? "" : "" });
      }, 5);
    }
    window.tracks.push(...stream.getTracks());
    return stream;
  };
  const flashing = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const pen = canvas.getContext("2d");
    const [track] = canvas.captureStream(25).getVideoTracks();
    const draw = setInterval(() => {
      if (track.readyState === "ended") { clearInterval(draw); return; }
      pen.fillStyle = performance.now() - lit < LIT_MS ? "#fff" : "#000";
      pen.fillRect(0, 0, 640, 360);
    }, 20);
    return track;
  };
  const peak = (node, samples) => { node.getFloatTimeDomainData(samples); return samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0); };
  // Listens to everything that is said on the stage: window.onsets holds the moments at which something began.
  window.listen = () => {
    if (window.onsets) return;
    window.onsets = [];
    const { mixer } = document.querySelector("lesson-sender").programme;
    const node = mixer.context.createAnalyser();
    node.fftSize = 512;
    mixer.stage.connect(node);
    const samples = new Float32Array(node.fftSize);
    let quietSince = 0;
    setInterval(() => {
      const now = Date.now();
      if (peak(node, samples) < 0.05) { quietSince ||= now; return; }
      if (quietSince && now - quietSince > 150) window.onsets.push(now);
      quietSince = 0;
    }, 5);
  };
})();
