// A presenter's page as small as it gets: a canvas with the tests' clock and a microphone into MediaRecorder, and that into
// the service's own Sender. Installed by the tests as window.sending.
(() => {
  if (window.sending) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const context = canvas.getContext("2d");
  const heard = { states: [], why: null };
  let sender = null, recorder = null, ticking = 0;

  // a beep of 0.1 s at each full second of the wall clock, for whoever wants to know whether sound and picture belong together
  function beeps() {
    const audio = new AudioContext({ sampleRate: 48000 });
    const out = audio.createMediaStreamDestination();
    const tone = new OscillatorNode(audio, { frequency: 1000 });
    const gate = new GainNode(audio, { gain: 0 });
    tone.connect(gate).connect(out);
    tone.start();
    let done = Math.ceil(Date.now() / 1000) + 1;
    setInterval(() => {
      for (; done * 1000 < Date.now() + 2000; done += 1) {
        const at = audio.currentTime + (done * 1000 - Date.now()) / 1000;
        gate.gain.setValueAtTime(0.5, at);
        gate.gain.setValueAtTime(0, at + 0.1);
      }
    }, 250);
    return out.stream;
  }

  function draw({ epochMs, bits, box, tickMs }) {
    const now = Date.now() - epochMs;
    const value = Math.round(now / tickMs);
    context.fillStyle = `hsl(${(now / 20) % 360} 40% 40%)`;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = "white";
    context.fillRect((now / 8) % 640, 120, 60, 60);
    for (let bit = 0; bit < bits; bit += 1) {
      context.fillStyle = Math.floor(value / 2 ** bit) % 2 ? "white" : "black";
      context.fillRect(bit * box, 0, box, box);
    }
  }

  window.sending = {
    heard,
    get state() { return sender?.state ?? "idle"; },
    get numbers() { return { backlogMs: sender.backlogMs, rttMs: sender.rttMs, dropped: sender.dropped, bytes: sender.sentBytes }; },

    // path of the lesson's /sending; mime; port of the tests' line in place of the worker's own; the clock; beeps for a microphone
    async begin({ path, mime, port, takeOver, clock, beep }) {
      const { Sender } = await import("/static/js/lib/sender.js");
      const { browserNow, ticketsFrom } = await import("/static/js/lib/sending-wire.js");
      const microphone = beep ? beeps() : await navigator.mediaDevices.getUserMedia({ audio: true });
      clearInterval(ticking);
      ticking = setInterval(() => draw(clock), 40);
      draw(clock);
      const stream = new MediaStream([...canvas.captureStream(25).getVideoTracks(), ...microphone.getAudioTracks()]);
      recorder = new MediaRecorder(stream, { mimeType: mime, videoBitsPerSecond: 800_000, videoKeyFrameIntervalDuration: 1000 });
      sender = new Sender({
        onState: (state, why) => { heard.states.push(state); heard.why = why; },
      });
      let first = true;
      let order = Promise.resolve(); // blobs are read one after the other
      recorder.ondataavailable = ({ data }) => {
        const endsAt = browserNow();
        order = order.then(async () => {
          if (!data.size) return;
          sender.send(await data.arrayBuffer(), { endsAt, startsNewHeader: first });
          first = false;
        });
      };
      const tickets = ticketsFrom(path, JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
      const through = async (wish) => {
        const given = await tickets(wish);
        const url = new URL(given.url);
        if (port) url.port = port;
        return { ...given, url: url.href };
      };
      recorder.start(250);
      sender.open(through, recorder.mimeType, { takeOver });
      return recorder.mimeType;
    },

    async end() {
      const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
      recorder.stop();
      await stopped;
      await new Promise((resolve) => setTimeout(resolve, 100));
      clearInterval(ticking);
      await sender.close();
    },
  };
})();
