// A microphone that says a short tone at each half second of the clock, or more often, and an ear at the studio's programme. What the page opened
// is kept as window.tracks, the end of the last one as window.endedAt, when the lesson's player began to play as window.playedAt; what was said as
// window.tones with what the lamp said at that moment. With `flash` a camera is white at each tone.
(() => {
  if (window.mouth) return;
  const { hz, flash } = window.mouthSettings;
  const LENGTH_S = 0.06, EVERY_MS = window.mouthSettings.everyMs ?? 500, LIT_MS = 120;
  let lit = 0, light = () => undefined;
  window.mouth = { hz };
  window.tracks = [];
  window.tones = [];
  window.endedAt = window.playedAt = 0;
  document.addEventListener("playing", ({ target }) => {
    if (target.closest("lesson-player") && !target.closest(".stage-pictures")) window.playedAt = Date.now();
  }, true);
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
        light();
        window.tones.push({ at: now, lamp: track.enabled ? document.querySelector("stage-seat [data-part=lamp]")?.dataset.says ?? "" : "" });
      }, 5);
    }
    for (const track of stream.getTracks()) {
      const stop = track.stop.bind(track);
      track.stop = () => { stop(); window.endedAt = Date.now(); }; // a page that closes a connection has no time for a timer
    }
    window.tracks.push(...stream.getTracks());
    return stream;
  };
  const flashing = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const pen = canvas.getContext("2d");
    const [track] = canvas.captureStream(0).getVideoTracks();
    const draw = () => {
      if (track.readyState === "ended") { clearInterval(clock); return; }
      pen.fillStyle = performance.now() - lit < LIT_MS ? "#fff" : "#000";
      pen.fillRect(0, 0, 640, 360);
      track.requestFrame();
    };
    const clock = setInterval(draw, 40);
    light = draw; // with the tone, and not at the next picture
    return track;
  };
  const peak = (node, samples) => { node.getFloatTimeDomainData(samples); return samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0); };
  // How much of a frequency is in some sound, 0 to 1 (Goertzel).
  const share = (samples, of, rate) => {
    const turn = 2 * Math.cos((2 * Math.PI * of) / rate);
    let [before, last] = [0, 0];
    for (const one of samples) [before, last] = [last, one + turn * last - before];
    return (2 * Math.sqrt(Math.max(0, before * before + last * last - turn * before * last))) / samples.length;
  };
  // Listens to everything that is said on the stage, or what this page plays of the lesson: window.onsets holds the moments at which something began, window.onsetsOf those of each
  // frequency alone.
  window.listen = () => {
    const { mixer } = document.querySelector("lesson-sender").programme;
    hear(mixer.stage, mixer.context);
  };
  window.listenToLesson = () => {
    if (window.onsets) return;
    const context = new AudioContext();
    const source = context.createMediaElementSource(document.querySelector("lesson-player video"));
    source.connect(context.destination);
    hear(source, context);
  };
  const hear = (source, context) => {
    if (window.onsets) return;
    window.onsets = [];
    window.onsetsOf = {};
    for (const of of window.mouthSettings.voices) window.onsetsOf[of] = [];
    const node = context.createAnalyser();
    node.fftSize = 512;
    source.connect(node);
    const samples = new Float32Array(node.fftSize);
    let quietSince = 0;
    const heardAt = {};
    setInterval(() => {
      const now = Date.now();
      const loudest = peak(node, samples);
      for (const [of, onsets] of Object.entries(window.onsetsOf)) {
        if (share(samples, Number(of), node.context.sampleRate) < 0.1) continue;
        if (now - (heardAt[of] ?? 0) > 150) onsets.push(now);
        heardAt[of] = now;
      }
      if (loudest < 0.05) { quietSince ||= now; return; }
      if (quietSince && now - quietSince > 150) window.onsets.push(now);
      quietSince = 0;
    }, 5);
  };
})();
